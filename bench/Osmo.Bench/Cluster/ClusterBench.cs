using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Osmo.Bench.Load;
using Osmo.Bench.Server;
using Osmo.Storage;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Bench.Cluster;

/// <summary>
/// <c>cluster</c>: the operator, as a process of its own, between the server under test and an API server whose pods change at a fixed rate. Times
/// count from the moment a change was due until the database holds it. Then the server is killed while pods finish.
/// </summary>
internal static class ClusterBench
{
    private const int PodsPerWorkflow = 20;
    private const int PodsPerNode = 40;
    private const int SubmittingClients = 8;
    private const int WatchedPerSecond = 50;
    private const int EmptyWatchChanges = 8000;
    private const string Namespace = "osmo";

    private static readonly TimeSpan SetUpLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public static Command Command()
    {
        var pods = new Option<int>("--pods") { Description = "Pods in the cluster, all of one user.", DefaultValueFactory = _ => 20_000 };
        var rate = new Option<int>("--rate") { Description = "Changes of pods per second.", DefaultValueFactory = _ => 2000 };
        var finishing = new Option<int>("--finishing") { Description = "Pods that finish while the server is away.", DefaultValueFactory = _ => 5000 };
        var outage = new Option<double>("--outage") { Description = "Seconds for which the server is away.", DefaultValueFactory = _ => 60 };
        var json = Report.JsonOption();
        var command = new Command("cluster", "A Kubernetes operator under load: from a change of a pod to the database; its memory; a server that is killed.") { pods, rate, finishing, outage, json };
        command.SetAction(async (result, _) =>
        {
            var report = new Report();
            var size = new Size(result.GetValue(pods), result.GetValue(rate), result.GetValue(finishing), TimeSpan.FromSeconds(result.GetValue(outage)));
            // It looks into the database while the server uses it, which SQLite's lock forbids.
            await TestedDatabase.Each("postgres", (tested, folder) => Measure(report, tested, folder, size));
            await report.Write(result.GetValue(json));
        });
        return command;
    }

    private static async Task Measure(Report report, TestedDatabase database, string folder, Size size)
    {
        var port = FreePort.Next();
        var server = await ServerProcess.Start(database.Address, folder, port);
        await using var apiServer = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = [Namespace] });
        var nodes = new FakeCluster(apiServer, Namespace);
        for (var n = 0; n < (size.Pods + size.Finishing) / PodsPerNode; n++) nodes.AddNode($"node-{n}");
        await using var @operator = await OperatorProcess.Start(apiServer.Url, server.Address, ServedConfiguration.Backend, Namespace, folder);
        await using var storage = await OsmoStorage.Open(
            new StorageOptions { Database = database.Address, Objects = $"file:{folder}/objects" }, TimeProvider.System, NullLoggerFactory.Instance);
        var rows = new TaskRows(storage.State);
        try
        {
            await NodesKnown(storage);
            var setUp = Stopwatch.StartNew();
            var pods = await Create(server, apiServer, size.Pods, []);
            report.Add(database.Name, $"{pods.Length} pods created by jobs", new Latencies(), pods.Length / setUp.Elapsed.TotalSeconds, 0, 1, "");
            var empty = await EmptyWatch.Measure(apiServer, nodes, pods, EmptyWatchChanges);
            report.Add(database.Name, "raw: empty watch loop", new Latencies(), empty, 0, 1, "");
            await server.Settle();

            var seen = new Latencies();
            var (cpu, serverCpu) = (@operator.Cpu, server.Cpu);
            var (changes, perSecond) = await Drive(nodes, ((TestedPostgres)database).Source, pods, size.Rate, seen);
            await rows.UntilRight(pods);
            report.Add(database.Name, $"change to database, {size.Rate} /s asked", seen, perSecond, (@operator.Cpu - cpu).TotalMilliseconds / changes, perSecond / empty, "empty watch loop");
            report.Add(database.Name, "the server meanwhile", new Latencies(), perSecond, (server.Cpu - serverCpu).TotalMilliseconds / changes, 1, "");
            report.AddMemory(database.Name, $"operator at its peak, {pods.Length} pods", @operator.PeakMemory);

            server = await Outage(report, database.Name, new Outgoing(server, apiServer, nodes, rows, database.Address, folder, port, pods), size);
            report.AddMemory(database.Name, "operator at its peak, outage included", @operator.PeakMemory);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task NodesKnown(OsmoStorage storage)
    {
        var watch = Stopwatch.StartNew();
        while ((await storage.Queries.Nodes([ServedConfiguration.Backend], hostname: null, default)).Count == 0)
        {
            if (watch.Elapsed > SetUpLimit) throw new TimeoutException("The operator reported no node.");
            await Task.Delay(LookAgain);
        }
    }

    /// <summary>Submits workflows; the operator creates their pods.</summary>
    private static async Task<BenchedPod[]> Create(ServerProcess server, FakeKubernetes apiServer, int count, IReadOnlyCollection<BenchedPod> known)
    {
        var body = Specifications.Gang(PodsPerWorkflow, "gang");
        await Parallel.ForAsync(0, count / PodsPerWorkflow, new ParallelOptions { MaxDegreeOfParallelism = SubmittingClients }, async (_, _) => await server.Submit(body));
        var watch = Stopwatch.StartNew();
        var old = known.Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
        while (true)
        {
            var pods = apiServer.Storage.List(Resource.Pods, Namespace).Items.Where(pod => !old.Contains(pod.Key.Name)).ToList();
            // Neighbours are of different workflows, and leads come last: with them their groups end.
            if (pods.Count >= count) return [.. pods.Select(BenchedPod.Of).OrderBy(pod => pod.IsLead).ThenBy(pod => pod.Task, StringComparer.Ordinal)];
            if (watch.Elapsed > SetUpLimit) throw new TimeoutException($"Only {pods.Count} of {count} pods were created.");
            await Task.Delay(LookAgain);
        }
    }

    /// <summary>Each pod is bound, runs and finishes, at a fixed rate of changes.</summary>
    private static async Task<(int Changes, double PerSecond)> Drive(FakeCluster nodes, NpgsqlDataSource database, BenchedPod[] pods, int rate, Latencies seen)
    {
        var changes = pods.Length * 3;
        var watchedEvery = Math.Max(1, rate / WatchedPerSecond);
        var watch = Stopwatch.StartNew();
        var statuses = new StatusWatch(database, watch, seen);
        var watching = statuses.Run();
        using var timer = new PeriodicTimer(Tick);
        for (var done = 0; done < changes;)
        {
            for (var due = Math.Min(changes, (int)(watch.Elapsed.TotalSeconds * rate)); done < due; done++)
            {
                var (pod, step, dueAt) = (pods[done % pods.Length], done / pods.Length, TimeSpan.FromSeconds((double)done / rate));
                Step(nodes, pod, step, done);
                if (step > 0 && done % watchedEvery == 0) statuses.Add(pod, StatusAfter(pod, step), dueAt);
            }
            await timer.WaitForNextTickAsync();
        }
        var perSecond = changes / watch.Elapsed.TotalSeconds;
        statuses.Complete();
        await watching;
        return (changes, perSecond);
    }

    private static void Step(FakeCluster nodes, BenchedPod pod, int step, int number)
    {
        switch (step)
        {
            case 0:
                nodes.Bind(pod.Name, $"node-{number / PodsPerNode}");
                break;
            case 1:
                nodes.Run(pod.Name);
                break;
            default:
                nodes.Finish(pod.Name, pod.ExitCode);
                break;
        }
    }

    private static TaskGroupStatus StatusAfter(BenchedPod pod, int step) =>
        step == 1 ? TaskGroupStatus.Running : pod.ExitCode == 0 ? TaskGroupStatus.Completed : TaskGroupStatus.Failed;

    /// <summary>The server is killed; pods finish; it comes back.</summary>
    private static async Task<ServerProcess> Outage(Report report, string database, Outgoing outgoing, Size size)
    {
        var pods = await Create(outgoing.Server, outgoing.ApiServer, size.Finishing, outgoing.Before);
        for (var n = 0; n < pods.Length; n++)
        {
            Step(outgoing.Nodes, pods[n], 0, size.Pods + n);
            Step(outgoing.Nodes, pods[n], 1, size.Pods + n);
        }
        outgoing.Server.Kill();
        await outgoing.Server.DisposeAsync();
        var away = Stopwatch.StartNew();
        foreach (var pod in pods) Step(outgoing.Nodes, pod, 2, 0);
        await Task.Delay(size.Outage > away.Elapsed ? size.Outage - away.Elapsed : TimeSpan.Zero);
        var back = await ServerProcess.Start(outgoing.DatabaseAddress, outgoing.Folder, outgoing.Port);
        var until = await outgoing.Rows.UntilRight(pods);
        report.Add(database, $"{pods.Length} ends, server back after {size.Outage.TotalSeconds:0} s: all right, ms", Single(until), pods.Length / until.TotalSeconds, 0, 1, "");
        return back;
    }

    private static Latencies Single(TimeSpan time)
    {
        var latencies = new Latencies();
        latencies.Add(time);
        return latencies;
    }

    private sealed record Size(int Pods, int Rate, int Finishing, TimeSpan Outage);

    private sealed record Outgoing(
        ServerProcess Server, FakeKubernetes ApiServer, FakeCluster Nodes, TaskRows Rows, string DatabaseAddress, string Folder, int Port, BenchedPod[] Before);
}
