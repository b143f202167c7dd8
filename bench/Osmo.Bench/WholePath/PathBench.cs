using System.CommandLine;
using Osmo.Bench.Load;
using Osmo.Bench.Server;

namespace Osmo.Bench.WholePath;

/// <summary>
/// <c>path</c>: from submit to COMPLETED with an operator that answers at once, alone and at saturation, and what a workflow that runs costs in memory.
/// </summary>
internal static class PathBench
{
    private const int Workers = 8;

    private const int ActiveTasks = 3;

    private const int SubmittingClients = 8;

    private const int WarmUpCalls = 2000;

    public static Command Command()
    {
        var clients = new Option<int>("--clients") { Description = "Workflows under way at saturation.", DefaultValueFactory = _ => 64 };
        var tasks = new Option<int[]>("--tasks") { Description = "How many tasks a workflow has, one after the other.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [1, 3] };
        var active = new Option<int>("--active") { Description = "Running workflows whose memory is measured.", DefaultValueFactory = _ => 1000 };
        var seconds = new Option<double>("--seconds") { Description = "How long each figure is measured.", DefaultValueFactory = _ => 4 };
        var (database, json) = (TestedDatabase.Option(), Report.JsonOption());
        var command = new Command("path", "From submit to COMPLETED.") { clients, tasks, active, seconds, database, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            var duration = TimeSpan.FromSeconds(result.GetValue(seconds));
            await TestedDatabase.Each(result.GetValue(database), async (tested, folder) =>
            {
                await Memory(report, tested, folder, result.GetValue(active));
                await Speed(report, tested, folder, result.GetValue(clients), result.GetValue(tasks)!, duration);
            });
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Speed(Report report, TestedDatabase database, string folder, int clients, int[] tasks, TimeSpan duration)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        await using var path = await PathRun.Start(server, Workers);
        await ClosedLoop.WarmUp(WarmUpCalls, _ => path.Complete(tasks.Max()));
        await server.Settle();
        foreach (var callers in new[] { 1, clients })
        {
            var commit = await ClosedLoop.Run(callers, duration / 4, await database.RawCommits(callers));
            report.Add(database.Name, $"raw: commit of one row, {callers} callers", commit);
            foreach (var size in tasks)
            {
                var done = await server.Run(callers, duration, _ => path.Complete(size));
                report.Add(database.Name, $"submit to COMPLETED, {size} tasks, {callers} at once", done, done.PerSecond / commit.PerSecond, "raw commit");
            }
        }
    }

    /// <summary>A server of its own: nothing is in its memory but what is measured. The first task of each workflow runs, the others wait.</summary>
    private static async Task Memory(Report report, TestedDatabase database, string folder, int active)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        await using var path = await PathRun.Start(server, Workers);
        await path.Complete(ActiveTasks);
        var idle = await server.Memory();
        report.AddMemory(database.Name, "idle: heap", idle.Heap);
        report.AddMemory(database.Name, "idle: resident", idle.Resident);
        await Parallel.ForAsync(0, active, new ParallelOptions { MaxDegreeOfParallelism = SubmittingClients }, async (_, _) => await path.Run(ActiveTasks));
        var loaded = await server.Memory();
        report.AddMemory(database.Name, $"each of {active} active workflows: heap", (double)(loaded.Heap - idle.Heap) / active);
        report.AddMemory(database.Name, $"each of {active} active workflows: resident", (double)(loaded.Resident - idle.Resident) / active);
    }
}
