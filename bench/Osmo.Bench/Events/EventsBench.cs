using System.Collections.Concurrent;
using System.CommandLine;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;

namespace Osmo.Bench.Events;

/// <summary>
/// <c>events</c>: an operator reports pods of many workflows at a fixed rate. Times count from the moment the report was due, so that a server that
/// falls behind shows it. Every report changes something: a pod initializes, and later it runs.
/// </summary>
internal static class EventsBench
{
    private const int PodsPerWorkflow = 10;

    private const int Workers = 8;

    private const int SubmittingClients = 8;

    private static readonly TimeSpan SetUpLimit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan EchoTime = TimeSpan.FromSeconds(1);

    /// <summary>Before the first measurement, so that the code is compiled.</summary>
    private const int WarmUpRate = 300;

    public static Command Command()
    {
        var rates = new Option<int[]>("--rate") { Description = "Reports per second.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [500, 2000] };
        var seconds = new Option<double>("--seconds") { Description = "How long each rate is held.", DefaultValueFactory = _ => 4 };
        var (database, json) = (TestedDatabase.Option(), Report.JsonOption());
        var command = new Command("events", "From a pod's report to its acknowledgement and to the answer of the API.") { rates, seconds, database, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            await TestedDatabase.Each(
                result.GetValue(database),
                (tested, folder) => Measure(report, tested, folder, result.GetValue(rates)!, TimeSpan.FromSeconds(result.GetValue(seconds))));
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Measure(Report report, TestedDatabase database, string folder, int[] rates, TimeSpan duration)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        var created = new BlockingCollection<SimulatedPod>();
        await using var simulated = await SimulatedOperator.Connect(server.Address, Workers, created.Add);
        using var echo = await EchoSocket.Connect(server.Address);
        await Run(WarmUpRate, duration);
        await server.Settle();
        await ClosedLoop.Run(1, EchoTime, _ => echo.RoundTrip());
        var raw = await ClosedLoop.Run(1, EchoTime, _ => echo.RoundTrip());
        report.Add(database.Name, "raw: WebSocket echo", raw);
        foreach (var rate in rates)
        {
            var run = await Run(rate, duration);
            report.Add(database.Name, $"report to ack, {rate} /s asked", run.Acknowledged, run.PerSecond, run.CpuMilliseconds, run.Acknowledged.Percentile(0.5) / raw.P50, "echo (p50)");
            report.Add(database.Name, $"report to visible, {rate} /s asked", run.Visible, run.PerSecond, run.CpuMilliseconds, run.Visible.Percentile(0.5) / raw.P50, "echo (p50)");
        }

        async Task<EventRun> Run(int rate, TimeSpan held)
        {
            var pods = await Pods(server, created, Math.Max(1, (int)(rate * held.TotalSeconds) / EventRun.ReportsPerPod));
            var run = new EventRun(server, simulated, pods);
            await run.Drive(rate);
            return run;
        }
    }

    /// <summary>Submits workflows and takes over their pods, in an order in which neighbours are of different workflows.</summary>
    private static async Task<SimulatedPod[]> Pods(ServerProcess server, BlockingCollection<SimulatedPod> created, int count)
    {
        var workflows = (count + PodsPerWorkflow - 1) / PodsPerWorkflow;
        var body = Specifications.Gang(PodsPerWorkflow, "gang");
        await Parallel.ForAsync(0, workflows, new ParallelOptions { MaxDegreeOfParallelism = SubmittingClients }, async (_, _) => await server.Submit(body));
        using var limit = new CancellationTokenSource(SetUpLimit);
        var pods = await Task.Run(() => created.GetConsumingEnumerable(limit.Token).Take(workflows * PodsPerWorkflow).ToList());
        return [.. pods.GroupBy(pod => pod.WorkflowUuid).SelectMany(workflow => workflow.Index()).OrderBy(pod => pod.Index).Select(pod => pod.Item).Take(count)];
    }
}
