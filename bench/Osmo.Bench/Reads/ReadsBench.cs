using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;
using Osmo.Bench.Storage;
using Osmo.Storage;

namespace Osmo.Bench.Reads;

/// <summary><c>reads</c>: one workflow, and a page of the list, over HTTP and among many workflows; before that, how long a start takes over so many.</summary>
internal static class ReadsBench
{
    /// <summary>Workflows of three tasks that are read one after the other: their rows are of the size that a submit writes.</summary>
    private const int Subjects = 200;

    private const int SubjectTasks = 3;

    private const int Starts = 5;

    private const int WarmUpCalls = 5000;

    private static readonly (string Name, string Path)[] Lists =
    [
        ("list of 50", "/api/workflow?limit=50&all_pools=true&all_users=true"),
        ("list of 50, running", "/api/workflow?limit=50&all_pools=true&all_users=true&statuses=RUNNING"),
        ("list of 50 of a user", "/api/workflow?limit=50&all_pools=true&users=user-7@example.com"),
    ];

    public static Command Command()
    {
        var workflows = new Option<int>("--workflows") { Description = "How many workflows there are.", DefaultValueFactory = _ => 100_000 };
        var clients = new Option<int[]>("--clients") { Description = "How many clients read at once.", CustomParser = Numbers.Parse, DefaultValueFactory = _ => [1, 8] };
        var seconds = new Option<double>("--seconds") { Description = "How long each figure is measured.", DefaultValueFactory = _ => 3 };
        var (database, json) = (TestedDatabase.Option(), Report.JsonOption());
        var command = new Command("reads", "One workflow and pages of the list, among many workflows.") { workflows, clients, seconds, database, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            var duration = TimeSpan.FromSeconds(result.GetValue(seconds));
            await TestedDatabase.Each(result.GetValue(database), async (tested, folder) =>
            {
                await Fill(tested, folder, result.GetValue(workflows));
                await ReportNode(tested, folder);
                await Start(report, tested, folder);
                await Read(report, tested, folder, result.GetValue(clients)!, duration);
            });
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Fill(TestedDatabase database, string folder, int workflows)
    {
        var options = new StorageOptions { Database = database.Address, Objects = $"file:{folder}/objects" };
        await using var storage = await OsmoStorage.Open(options, TimeProvider.System, NullLoggerFactory.Instance);
        await ListBench.Fill(storage.State, workflows);
    }

    /// <summary>Without a node nothing can be submitted.</summary>
    private static async Task ReportNode(TestedDatabase database, string folder)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        await SimulatedOperator.ReportNode(server.Address);
    }

    /// <summary>From the start of the process until a submit is answered.</summary>
    private static async Task Start(Report report, TestedDatabase database, string folder)
    {
        var times = new Latencies();
        for (var start = 0; start < Starts; start++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var server = await ServerProcess.Start(database.Address, folder);
            await server.Submit(Specifications.Chain(1, "first"));
            times.Add(Stopwatch.GetElapsedTime(began));
        }
        report.Add(database.Name, "start until a submit is answered", new Measured(1000 / times.Percentile(0.5), times.Percentile(0.5), times.Percentile(0.99), Starts));
    }

    private static async Task Read(Report report, TestedDatabase database, string folder, int[] clients, TimeSpan duration)
    {
        await using var server = await ServerProcess.Start(database.Address, folder);
        var ids = new List<string>(Subjects);
        for (var n = 0; n < Subjects; n++) ids.Add(await server.Submit(Specifications.Chain(SubjectTasks, "subject")));
        var next = 0;
        Task ReadOne() => Get(server, $"/api/workflow/{ids[(int)((uint)Interlocked.Increment(ref next) % Subjects)]}");

        await ClosedLoop.WarmUp(WarmUpCalls, _ => ReadOne());
        foreach (var (_, path) in Lists) await ClosedLoop.WarmUp(WarmUpCalls / 10, _ => Get(server, path));
        await server.Settle();
        foreach (var count in clients)
        {
            var empty = await server.Run(count, duration / 2, _ => server.Empty());
            report.Add(database.Name, $"raw: empty request, {count} clients", empty);
            await Add($"one workflow of {SubjectTasks} tasks, {count} clients", ReadOne);
            foreach (var (name, path) in Lists) await Add($"{name}, {count} clients", () => Get(server, path));

            async Task Add(string what, Func<Task> call)
            {
                var reads = await server.Run(count, duration, _ => call());
                report.Add(database.Name, what, reads, reads.PerSecond / empty.PerSecond, "empty request");
            }
        }
    }

    private static async Task Get(ServerProcess server, string path)
    {
        using var response = await server.Client.GetAsync(path);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"GET {path} was answered with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        await response.Content.ReadAsByteArrayAsync();
    }
}
