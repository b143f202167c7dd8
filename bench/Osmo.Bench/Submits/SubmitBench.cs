using System.CommandLine;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;

namespace Osmo.Bench.Submits;

/// <summary>
/// <c>submit</c>: durable submits per second over HTTP, beside what the same Kestrel and the same database do by themselves. No operator is connected:
/// jobs pile up.
/// </summary>
internal static class SubmitBench
{
    private const int WarmUpCalls = 5000;

    public static Command Command()
    {
        var clients = new Option<int[]>("--clients") { Description = "How many clients submit at once.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [1, 8, 64] };
        var tasks = new Option<int[]>("--tasks") { Description = "How many tasks a workflow has, one after the other.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [1, 3] };
        var seconds = new Option<double>("--seconds") { Description = "How long each figure is measured.", DefaultValueFactory = _ => 3 };
        var (database, json) = (TestedDatabase.Option(), Report.JsonOption());
        var command = new Command("submit", "Durable submits through gateway, grains and storage.") { clients, tasks, seconds, database, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            var duration = TimeSpan.FromSeconds(result.GetValue(seconds));
            await TestedDatabase.Each(
                result.GetValue(database), (tested, folder) => Measure(report, tested, folder, result.GetValue(clients)!, result.GetValue(tasks)!, duration));
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Measure(Report report, TestedDatabase database, string folder, int[] clients, int[] tasks, TimeSpan duration)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        await SimulatedOperator.ReportNode(server.Address);
        await ClosedLoop.WarmUp(WarmUpCalls, Submit(server, tasks.Max()));
        await ClosedLoop.WarmUp(WarmUpCalls, _ => server.Empty());
        await server.Settle();
        foreach (var count in clients)
        {
            var empty = await server.Run(count, duration / 2, _ => server.Empty());
            report.Add(database.Name, $"raw: empty request, {count} clients", empty);
            var commit = await ClosedLoop.Run(count, duration / 2, await database.RawCommits(count));
            report.Add(database.Name, $"raw: commit of one row, {count} callers", commit);
            var (limit, name) = empty.PerSecond < commit.PerSecond ? (empty, "empty request") : (commit, "raw commit");
            foreach (var size in tasks)
            {
                var submits = await server.Run(count, duration, Submit(server, size));
                report.Add(database.Name, $"submit of {size} tasks, {count} clients", submits, submits.PerSecond / limit.PerSecond, name);
            }
        }
    }

    /// <summary>Each client has a workflow name of its own, as people do.</summary>
    private static Func<int, Task> Submit(ServerProcess server, int tasks)
    {
        var bodies = Enumerable.Range(0, 256).Select(client => Specifications.Chain(tasks, $"train-{client}")).ToArray();
        return client => server.Submit(bodies[client % bodies.Length]);
    }
}
