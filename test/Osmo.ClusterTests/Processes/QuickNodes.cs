using System.Collections.Concurrent;
using System.Text.Json;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.ClusterTests.Processes;

/// <summary>One time that a pod was created.</summary>
/// <param name="Attempt">Of which task, and which attempt of it.</param>
/// <param name="Created">In the order of everything that happened in this cluster.</param>
internal sealed record PodLife(string Workflow, string Task, string Attempt, long Created)
{
    /// <summary>In the same order; null while it runs.</summary>
    public long? Finished { get; set; }
}

/// <summary>
/// A Kubernetes API server in this process, with a node on which everything fits. A pod runs with the next tick of a clock and ends with the one after, so that a task costs this machine
/// little; one whose name ends with <see cref="Failing"/> ends with <see cref="ExitCode"/>.
/// </summary>
internal sealed class QuickNodes : IAsyncDisposable
{
    public const string Namespace = "osmo";

    public const string Failing = "-fails";

    private const int ExitCode = 3;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly FakeKubernetes _server;
    private readonly FakeCluster _nodes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<PodLife>> _lives = new(StringComparer.Ordinal);
    private readonly Task _living;

    private QuickNodes(FakeKubernetes server, string kubeConfig)
    {
        (_server, KubeConfig) = (server, kubeConfig);
        _nodes = new FakeCluster(server, Namespace);
        _nodes.AddNode("node-1", node => (node["status"]!["allocatable"]!["cpu"], node["status"]!["allocatable"]!["pods"]) = ("10000", "10000"));
        _living = Live();
    }

    /// <summary>A file by which an operator finds the server.</summary>
    public string KubeConfig { get; }

    /// <summary>Pods, tasks' files and whatever else was made for workflows and is still there.</summary>
    public IEnumerable<string> Left => Resource.Usual
        .Where(resource => resource != Resource.Nodes && resource != Resource.Namespaces && resource != Resource.Events)
        .SelectMany(resource => _server.Storage.List(resource, Namespace).Items)
        .Where(item => item.Labels.ContainsKey("osmo.workflow_uuid"))
        .Select(item => $"{item.Key.Resource.Kind} {item.Key.Name}");

    public static async Task<QuickNodes> Start(string folder, string name, Place own)
    {
        var server = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Host = own.Address, Namespaces = [Namespace] });
        var kubeConfig = Path.Combine(folder, $"{name}.kubeconfig");
        await File.WriteAllTextAsync(kubeConfig, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["current-context"] = "c",
            ["contexts"] = new[] { new { name = "c", context = new { cluster = "c" } } },
            ["clusters"] = new[] { new { name = "c", cluster = new { server = server.Url } } },
        }));
        return new QuickNodes(server, kubeConfig);
    }

    /// <summary>Every pod that was ever created for a workflow.</summary>
    public IReadOnlyCollection<PodLife> Pods(string workflowId) => _lives.TryGetValue(workflowId, out var lives) ? lives : [];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _living;
        await _server.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task Live()
    {
        var changes = _server.Storage.Watch(_server.Storage.Version, _stopping.Token)!;
        using var clock = new PeriodicTimer(Tick);
        var (created, running) = (new Queue<(string Pod, PodLife Life)>(), new Queue<(string Pod, PodLife Life)>());
        try
        {
            while (await clock.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var (pod, life) in Drain(running))
                {
                    Step(() => _nodes.Finish(pod, life.Task.EndsWith(Failing, StringComparison.Ordinal) ? ExitCode : 0));
                    life.Finished = _server.Storage.Version;
                }

                foreach (var (pod, life) in Drain(created))
                {
                    Step(() => _nodes.Bind(pod, "node-1"));
                    Step(() => _nodes.Run(pod));
                    running.Enqueue((pod, life));
                }

                while (changes.TryRead(out var change))
                {
                    See(change, created);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The cluster is not needed any more.
        }
    }

    private void See(Change change, Queue<(string Pod, PodLife Life)> created)
    {
        if (change.Object.Key.Resource != Resource.Pods)
        {
            return;
        }

        var (labels, pod) = (change.Object.Labels, change.Object.Key.Name);
        if (change.Type == "ADDED")
        {
            var life = new PodLife(labels["osmo.workflow_id"], labels["osmo.task_name"], $"{labels["osmo.task_uuid"]}/{labels["osmo.retry_id"]}", change.Object.Version);
            _lives.GetOrAdd(life.Workflow, _ => []).Enqueue(life);
            created.Enqueue((pod, life));
        }
        else if (change.Type == "MODIFIED" && change.Object.ToJson()["metadata"]!["deletionTimestamp"] is not null)
        {
            Step(() => _nodes.EndGrace(pod));
        }
    }

    /// <summary>A pod may be deleted at any moment.</summary>
    private static void Step(Action step)
    {
        try
        {
            step();
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }
    }

    private static (string Pod, PodLife Life)[] Drain(Queue<(string Pod, PodLife Life)> queue)
    {
        var drained = queue.ToArray();
        queue.Clear();
        return drained;
    }
}
