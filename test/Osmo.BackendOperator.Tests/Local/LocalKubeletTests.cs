using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator.Tests.Local;

/// <summary>The local cluster when its disk or one of its pods is in trouble.</summary>
public sealed class LocalKubeletTests
{
    [Fact]
    public async Task Bind_DiskFailsForAWhile_BindsAfterwards()
    {
        var log = new ErrorsByKind();
        await using var machine = new LocalMachine(log);
        var waiting = Pods.Running("p", "true");
        waiting["spec"]!["nodeSelector"] = new JsonObject { ["zone"] = "moon" };
        await machine.CreateAsync(waiting);
        await machine.UntilAsync("p", pod => pod.Status.Conditions.Any(condition => condition.Reason == "Unschedulable"));
        // What is to be the file is a directory: it cannot be written, whoever we are.
        var obstacle = Path.Combine(machine.Options.DataDirectory, "cluster", "v1.Pod", LocalMachine.Namespace, "p.json.tmp");
        Directory.CreateDirectory(obstacle);

        await machine.Cluster.PatchNodeLabelsAsync("laptop", new Dictionary<string, string> { ["zone"] = "moon" }, default);
        await log.UntilAsync("Node");
        await machine.CreateAsync(Pods.Running("q", "true"));
        await log.UntilAsync("Pod");
        Assert.Null(machine.Cluster.Store.Find(new ObjectRef(ObjectKind.Pod, LocalMachine.Namespace, "p"))!.AsPod().Spec.NodeName);
        Directory.Delete(obstacle);

        await machine.UntilAsync("p", pod => pod.Status.Phase == PodPhase.Succeeded);
        await machine.UntilAsync("q", pod => pod.Status.Phase == PodPhase.Succeeded);
        await machine.CreateAsync(Pods.Running("r", "true"));
        await machine.UntilAsync("r", pod => pod.Status.Phase == PodPhase.Succeeded);
    }

    [Fact]
    public async Task Pod_ThatItsAgentCannotRun_FailsAloneAndCanBeDeleted()
    {
        await using var machine = new LocalMachine();
        await machine.CreateAsync("""
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "osmo"}, "data": {"no\u0000path": "x"}}
            """);
        var document = Pods.Running("p", "true");
        document["spec"]!["volumes"]![0]!["configMap"] = new JsonObject { ["name"] = "c" };
        var pod = await machine.CreateAsync(document);

        var failed = await machine.UntilAsync("p", state => state.Status.IsFinal);

        Assert.Equal(PodPhase.Failed, failed.Status.Phase);
        Assert.StartsWith("The node cannot run this pod: ", failed.Status.Message, StringComparison.Ordinal);
        await machine.CreateAsync(Pods.Running("q", "true"));
        await machine.UntilAsync("q", state => state.Status.Phase == PodPhase.Succeeded);
        await machine.Cluster.DeleteAsync(pod.Ref, DeleteOptions.Default, default);
        await machine.UntilGoneAsync("p");
    }

    [Fact]
    public async Task Release_FileCannotBeDeleted_KeepsThePodUntilItCan()
    {
        await using var machine = LocalMachine.ApiOnly();
        var pod = await machine.CreateAsync(Pods.Running("p", "true"));
        await machine.Cluster.DeleteAsync(pod.Ref, DeleteOptions.Default, default);
        var file = Path.Combine(machine.Options.DataDirectory, "cluster", "v1.Pod", LocalMachine.Namespace, "p.json");
        File.Delete(file);
        Directory.CreateDirectory(file);

        Assert.Throws<UnauthorizedAccessException>(() => machine.Cluster.Store.Release(pod.Ref, pod.Metadata.Uid!));

        Assert.NotNull(machine.Cluster.Store.Find(pod.Ref));
        Directory.Delete(file);
        machine.Cluster.Store.Release(pod.Ref, pod.Metadata.Uid!);
        Assert.Null(machine.Cluster.Store.Find(pod.Ref));
    }

    /// <summary>Tells when a change of a kind could not be handled.</summary>
    private sealed class ErrorsByKind : ILogger<LocalCluster>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, TaskCompletionSource> _seen = [];

        public Task UntilAsync(string kind) => Of(kind).Task.WaitAsync(Waiting.Deadline());

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "LogChangeNotHandled" && state is IReadOnlyList<KeyValuePair<string, object?>> values)
            {
                Of((string)values.First(value => value.Key == "Kind").Value!).TrySetResult();
            }
        }

        private TaskCompletionSource Of(string kind)
        {
            lock (_lock)
            {
                if (!_seen.TryGetValue(kind, out var seen))
                {
                    _seen[kind] = seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                return seen;
            }
        }
    }
}
