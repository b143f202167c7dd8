using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator.Tests.Local;

/// <summary>A local cluster in a directory of its own, with the real pod supervisor; it can be killed and started again.</summary>
internal sealed class LocalMachine : IAsyncDisposable
{
    public const string Namespace = "osmo";

    private static readonly Dictionary<string, string> Everything = [];

    private readonly string _directory = Directory.CreateTempSubdirectory("osmo-lc").FullName;
    private readonly bool _isRunningPods;
    private readonly ILogger<LocalCluster> _logger;

    public LocalMachine(ILogger<LocalCluster>? logger = null)
        : this(runPods: true, logger)
    {
    }

    private LocalMachine(bool runPods, ILogger<LocalCluster>? logger = null)
    {
        _isRunningPods = runPods;
        _logger = logger ?? NullLogger<LocalCluster>.Instance;
        Cluster = Boot();
    }

    public LocalCluster Cluster { get; private set; }

    public LocalClusterOptions Options => new()
    {
        DataDirectory = _directory,
        SupervisorCommand = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Osmo.Runtime.dll"), "pod"],
        NodeName = "laptop",
        Overcommit = 1,
        CpusMin = 64,
    };

    /// <summary>Objects only: nobody schedules or runs pods.</summary>
    public static LocalMachine ApiOnly() => new(runPods: false);

    /// <summary>As if this process had been killed: nothing is stopped, everything is left behind.</summary>
    public async Task KillAsync() => await Cluster.DisposeAsync();

    public void StartAgain() => Cluster = Boot();

    public PodPaths PathsOf(KubernetesObject pod) => new(_directory, pod.Metadata.Uid!);

    public async Task<KubernetesObject> CreateAsync(string json) => await CreateAsync(JsonNode.Parse(json)!);

    public async Task<KubernetesObject> CreateAsync(JsonNode document)
    {
        var result = await Cluster.CreateAsync(KubernetesObject.From(document), default);
        return Assert.IsType<ApiResult<KubernetesObject>.Ok>(result).Value;
    }

    /// <summary>The first state of the pod that fits.</summary>
    public async Task<Pod> UntilAsync(string name, Func<Pod, bool> isReached)
    {
        Pod? last = null;
        try
        {
            await foreach (var pod in StatesAsync(name))
            {
                last = pod;
                if (isReached(pod))
                {
                    return pod;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below with the last state.
        }

        throw new TimeoutException($"Pod {name} was last seen as {last?.Status}.");
    }

    public async Task UntilGoneAsync(string name)
    {
        var list = Cluster.Store.List(ObjectKind.Pod, Namespace, Everything);
        if (list.Items.All(pod => pod.Metadata.Name != name))
        {
            return;
        }

        await foreach (var change in Cluster.WatchAsync(ObjectKind.Pod, Namespace, list.ResourceVersion, Waiting.Deadline()))
        {
            if (change is WatchEvent.Changed { Type: ChangeType.Deleted, Object: var gone } && gone.Metadata.Name == name)
            {
                return;
            }
        }
    }

    public async Task<string> LogAsync(string pod, string container, int lines = 1000)
    {
        var result = await Cluster.ReadLogAsync(new ObjectRef(ObjectKind.Pod, Namespace, pod), container, lines, default);
        using var reader = new StreamReader(Assert.IsType<ApiResult<Stream>.Ok>(result).Value);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAsync();
        await Cluster.DisposeAsync();
        while (Directory.Exists(_directory))
        {
            try
            {
                Directory.Delete(_directory, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // The last supervisor tidies up too, and took something from under our hands.
            }
        }
    }

    private LocalCluster Boot()
    {
        var cluster = new LocalCluster(Options, TimeProvider.System, _logger);
        if (_isRunningPods)
        {
            cluster.Start();
        }

        return cluster;
    }

    private async IAsyncEnumerable<Pod> StatesAsync(string name)
    {
        var list = Cluster.Store.List(ObjectKind.Pod, Namespace, Everything);
        foreach (var pod in list.Items.Where(pod => pod.Metadata.Name == name))
        {
            yield return pod.AsPod();
        }

        await foreach (var change in Cluster.WatchAsync(ObjectKind.Pod, Namespace, list.ResourceVersion, Waiting.Deadline()))
        {
            if (change is WatchEvent.Changed { Type: not ChangeType.Deleted, Object: var pod } && pod.Metadata.Name == name)
            {
                yield return pod.AsPod();
            }
        }
    }
}

/// <summary>Pod documents.</summary>
internal static class Pods
{
    public static JsonObject Running(string name, string script)
    {
        var pod = JsonNode.Parse("""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "osmo"},
             "spec": {
               "terminationGracePeriodSeconds": 5,
               "containers": [{"name": "user", "image": "ubuntu", "command": ["/bin/sh", "-c"], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
               "volumes": [{"name": "data"}]}}
            """)!.AsObject();
        pod["metadata"]!["name"] = name;
        pod["spec"]!["containers"]![0]!["args"] = new JsonArray(script);
        return pod;
    }
}
