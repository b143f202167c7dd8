using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Bench.Load;
using Osmo.Bench.Server;
using Osmo.Storage;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

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
    private const int WatchedEndsPerSecond = 200;
    private const int EmptyWatchChanges = 8000;
    private const string Namespace = "osmo";

    private static readonly TimeSpan SetUpLimit = TimeSpan.FromMinutes(20);
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

            var source = ((TestedPostgres)database).Source;
            var (members, leads) = (pods.Where(pod => !pod.IsLead).ToArray(), pods.Where(pod => pod.IsLead).ToArray());
            var (cpu, serverCpu) = (@operator.Cpu, server.Cpu);
            var changes = new ChangeLoad(nodes, source, size.Rate);
            await changes.Drive([.. Changes(pods, PodStep.Bind), .. Changes(pods, PodStep.Run), .. Changes(members, PodStep.Finish)], WatchedPerSecond);
            report.Add(
                database.Name, $"change to database, {size.Rate} /s asked", changes.Seen, changes.PerSecond, (@operator.Cpu - cpu).TotalMilliseconds / changes.Count, changes.PerSecond / empty, "empty watch loop");
            report.Add(database.Name, "the server meanwhile", new Latencies(), changes.PerSecond, (server.Cpu - serverCpu).TotalMilliseconds / changes.Count, 1, "");

            // Each of these ends a workflow, and has all its pods removed: many times the work of another change, and more of them in a second than can ever have begun in one.
            var ends = new ChangeLoad(nodes, source, size.Rate);
            await ends.Drive(Changes(leads, PodStep.Finish), WatchedEndsPerSecond);
            report.Add(database.Name, $"{leads.Length} groups that end at {size.Rate} /s", ends.Seen, ends.PerSecond, 0, 1, "");
            await rows.UntilRight(pods);
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

    private static IReadOnlyList<PodChange> Changes(IEnumerable<BenchedPod> pods, PodStep step, int firstNode = 0) =>
        [.. pods.Select((pod, n) => new PodChange(pod, step, $"node-{firstNode + (n / PodsPerNode)}"))];

    /// <summary>The server is killed; pods finish; it comes back.</summary>
    private static async Task<ServerProcess> Outage(Report report, string database, Outgoing outgoing, Size size)
    {
        var pods = await Create(outgoing.Server, outgoing.ApiServer, size.Finishing, outgoing.Before);
        PodChange[] running = [.. Changes(pods, PodStep.Bind, firstNode: size.Pods / PodsPerNode), .. Changes(pods, PodStep.Run)];
        foreach (var change in running) change.Make(outgoing.Nodes);
        outgoing.Server.Kill();
        await outgoing.Server.DisposeAsync();
        var away = Stopwatch.StartNew();
        foreach (var change in Changes(pods, PodStep.Finish)) change.Make(outgoing.Nodes);
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
