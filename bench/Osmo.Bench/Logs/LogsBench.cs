using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using Osmo.Bench.Events;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.Logs;

/// <summary><c>logs</c>: tasks of as many workflows write lines as fast as the control plane makes them durable.</summary>
internal static class LogsBench
{
    /// <summary>Lines of one task that may wait for their acknowledgement.</summary>
    private const int Window = 4096;

    private static readonly TimeSpan SetUpLimit = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan EchoTime = TimeSpan.FromSeconds(1);

    public static Command Command()
    {
        var tasks = new Option<int[]>("--tasks") { Description = "How many tasks write at once.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [1, 32] };
        var seconds = new Option<double>("--seconds") { Description = "How long each figure is measured.", DefaultValueFactory = _ => 4 };
        var (database, json) = (TestedDatabase.Option(), Report.JsonOption());
        var command = new Command("logs", "Log lines until they are durable.") { tasks, seconds, database, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            await TestedDatabase.Each(
                result.GetValue(database),
                (tested, folder) => Measure(report, tested, folder, result.GetValue(tasks)!, TimeSpan.FromSeconds(result.GetValue(seconds))));
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Measure(Report report, TestedDatabase database, string folder, int[] tasks, TimeSpan duration)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        var created = new BlockingCollection<BackendJob.CreateGroup>();
        await using var simulated = await SimulatedOperator.Connect(server.Address, workers: 4, _ => { }, created.Add);
        using var echo = await EchoSocket.Connect(server.Address);
        await Write(tasks.Max(), duration);
        await ClosedLoop.Run(1, EchoTime, _ => echo.RoundTrip());
        var raw = await ClosedLoop.Run(1, EchoTime, _ => echo.RoundTrip());
        report.Add(database.Name, "raw: WebSocket echo", raw);
        foreach (var count in tasks)
        {
            await server.Settle();
            var cpu = server.Cpu;
            var (acknowledged, lines, elapsed) = await Write(count, duration);
            report.Add(
                database.Name, $"lines of {LogWriter.LineBytes} bytes, {count} tasks", acknowledged, lines / elapsed.TotalSeconds, (server.Cpu - cpu).TotalMilliseconds / lines,
                acknowledged.Percentile(0.5) / raw.P50, "echo (p50)");
        }

        async Task<(Latencies Acknowledged, long Lines, TimeSpan Elapsed)> Write(int count, TimeSpan held)
        {
            using var limit = new CancellationTokenSource(SetUpLimit);
            var writers = new List<LogWriter>();
            for (var n = 0; n < count; n++)
            {
                await server.Submit(Specifications.Chain(1, "talkative"));
                writers.Add(await LogWriter.Connect(server, created.Take(limit.Token), Window));
            }
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(writers.Select(writer => Task.Run(() => writer.Run(held))));
            var elapsed = watch.Elapsed;
            var all = new Latencies();
            all.AddRange(writers.Select(writer => writer.Acknowledged));
            writers.ForEach(writer => writer.Dispose());
            return (all, writers.Sum(writer => writer.Durable), elapsed);
        }
    }
}
