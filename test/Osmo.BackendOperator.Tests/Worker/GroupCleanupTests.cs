using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Tests.Local;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>Cleanup of a group on a cluster that refuses something; contract: backend-protocol §10.5.</summary>
public sealed class GroupCleanupTests
{
    private static readonly ObjectKind Queue = new("scheduling.run.ai/v2", "Queue");

    [Fact]
    public async Task Execute_KindsRefused_DeletesTheRestAndReportsTheFirst()
    {
        await using var machine = await GroupAsync();
        var cluster = new RefusingCluster(machine.Cluster)
        {
            List = kind => kind == Queue ? new ApiError(ApiFailure.KindNotServed, "no queues here") : null,
            Delete = target => target.Kind == ObjectKind.Secret ? new ApiError(ApiFailure.Forbidden, $"hands off {target}") : null,
        };

        var result = await CleanUpAsync(cluster);

        Assert.Equal(JobResult.Fail("no queues here"), result);
        Assert.All(Pods(machine), pod => Assert.NotNull(pod.Metadata.DeletionTimestamp));
    }

    [Fact]
    public async Task Execute_OnePodRefused_DeletesTheOtherPods()
    {
        await using var machine = await GroupAsync();
        var cluster = new RefusingCluster(machine.Cluster)
        {
            Delete = target => target.Name == "p" ? new ApiError(ApiFailure.Forbidden, "not p") : null,
        };

        var result = await CleanUpAsync(cluster);

        Assert.Equal(JobResult.Fail("not p"), result);
        Assert.NotNull(Pods(machine).Single(pod => pod.Metadata.Name == "q").Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Execute_FinalizerRefused_EndsThePodNevertheless()
    {
        await using var machine = await GroupAsync();
        var cluster = new RefusingCluster(machine.Cluster) { Patch = _ => new ApiError(ApiFailure.Forbidden, "no patch") };

        var result = await CleanUpAsync(cluster);

        Assert.Equal(JobResult.Fail("no patch"), result);
        Assert.All(Pods(machine), pod => Assert.NotNull(pod.Metadata.DeletionTimestamp));
    }

    [Fact]
    public async Task Execute_PodsUnreachableAfterARefusal_IsRetried()
    {
        await using var machine = await GroupAsync();
        var cluster = new RefusingCluster(machine.Cluster)
        {
            Delete = target => target.Kind == ObjectKind.Pod
                ? new ApiError(ApiFailure.ServerError, "busy")
                : new ApiError(ApiFailure.Forbidden, "hands off"),
        };

        var result = await CleanUpAsync(cluster);

        Assert.Equal(JobResult.Retry("busy"), result);
    }

    [Fact]
    public async Task Execute_LogBreaksOff_SendsWhatThereWasAndDeletes()
    {
        await using var machine = await GroupAsync();
        var pod = Pods(machine)[0];
        machine.Cluster.Store.Update(pod.Ref, document => document["status"] = JsonNode.Parse(
            """{"phase": "Failed", "containerStatuses": [{"name": "user", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]}"""));
        var cluster = new RefusingCluster(machine.Cluster) { Log = () => new BrokenLog([.. "one\ntwo\n"u8]) };
        var logs = new List<BackendMessage.PodLog>();

        var result = await CleanUpAsync(cluster, """{"labels": {}, "resource_type": "Pod"}""", (message, _) =>
        {
            logs.AddRange(message is BackendMessage.PodLog log ? [log] : []);
            return Task.CompletedTask;
        });

        Assert.Equal(JobResult.Success, result);
        Assert.Equal(["one\ntwo", "The log cannot be read: broken off"], logs.Skip(1).Take(2).Select(log => log.Text));
        Assert.All(Pods(machine), left => Assert.NotNull(left.Metadata.DeletionTimestamp));
    }

    private static async Task<LocalMachine> GroupAsync()
    {
        var machine = LocalMachine.ApiOnly();
        await machine.CreateAsync("""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "osmo"}}""");
        foreach (var name in new[] { "p", "q" })
        {
            var pod = Local.Pods.Running(name, "true");
            pod["metadata"]!["finalizers"] = new JsonArray("osmo.nvidia.com/cleanup");
            await machine.CreateAsync(pod);
        }

        return machine;
    }

    private static async Task<JobResult> CleanUpAsync(ICluster cluster, string errorLogs = "null", JobOutput? output = null)
    {
        var job = JsonNode.Parse($$"""
            {"job_type": "CleanupGroup", "job_id": "j", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1,
             "error_log_spec": {{errorLogs}},
             "cleanup_specs": [{"labels": {}, "generic_api": {"api_version": "scheduling.run.ai/v2", "kind": "Queue"} },
                               {"labels": {}, "generic_api": {"api_version": "v1", "kind": "Secret"} },
                               {"labels": {}, "resource_type": "Pod"}]}
            """)!.AsObject();
        var options = new BackendOperatorOptions
        {
            ServiceUrl = new Uri("http://127.0.0.1:1"), Backend = "b1", Namespace = LocalMachine.Namespace, Credential = new OperatorCredential.Dev("tester"),
        };
        return await new JobExecutor(cluster, options, TimeProvider.System)
            .ExecuteAsync(job, output ?? ((_, _) => Task.CompletedTask), Waiting.Deadline());
    }

    private static ImmutableArray<KubernetesObject> Pods(LocalMachine machine) =>
        machine.Cluster.Store.List(ObjectKind.Pod, LocalMachine.Namespace, new Dictionary<string, string>()).Items;

    /// <summary>A log whose connection breaks where it ends.</summary>
    private sealed class BrokenLog(byte[] text) : MemoryStream(text)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var length ? length : throw new IOException("broken off");
    }
}
