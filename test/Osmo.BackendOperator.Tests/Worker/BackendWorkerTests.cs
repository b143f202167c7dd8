using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;
using Osmo.BackendOperator.Tests.Local;
using Osmo.BackendOperator.Worker;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>The worker against a scripted control plane; contract: backend-protocol §7, §10.</summary>
public sealed class BackendWorkerTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Everything = [];

    private LocalMachine _machine = null!;
    private RefusingCluster _cluster = null!;
    private ScriptedControlPlane _controlPlane = null!;
    private PeerConnection _worker = null!;

    public async Task InitializeAsync()
    {
        _machine = LocalMachine.ApiOnly();
        _controlPlane = await ScriptedControlPlane.StartAsync();
        _cluster = new RefusingCluster(_machine.Cluster);
        _controlPlane.RunWorker(_cluster);
        _worker = await _controlPlane.ConnectionAsync("worker");
        await _worker.SendAsync(WorkerFrame.HeartbeatText, WebSocketMessageType.Text);
        await _worker.ReceiveInitAsync();
    }

    public async Task DisposeAsync()
    {
        await _controlPlane.DisposeAsync();
        await _machine.DisposeAsync();
    }

    [Fact]
    public async Task CreateGroup_Twice_CreatesOnceAndSaysSo()
    {
        await SendAsync(CreateGroup(Object("Secret", "s"), PodDocument("p", 0)));
        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
        Assert.Equal("osmo", Find(ObjectKind.Pod, "p")!.Metadata.Namespace);
        var uid = Find(ObjectKind.Pod, "p")!.Metadata.Uid;

        await SendAsync(CreateGroup(Object("Secret", "s"), PodDocument("p", 0)));

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success, GroupCreation.AlreadyExists), await ResultAsync());
        Assert.Equal(uid, Find(ObjectKind.Pod, "p")!.Metadata.Uid);
    }

    [Fact]
    public async Task Jobs_OfAControlPlaneThatKeepsTheirOrder_AreTakenOnSeveralConnections()
    {
        // The one that is open was told nothing, so it is alone until it connects again.
        _controlPlane.ParallelJobs = 3;
        _worker.Break();
        var workers = new List<PeerConnection>();
        for (var number = 1; number <= 3; number++)
        {
            workers.Add(await _controlPlane.ConnectionAsync("worker"));
            await workers[^1].ReceiveInitAsync();
        }

        foreach (var (worker, pod) in workers.Zip(["p", "q", "r"]))
        {
            await worker.SendAsync(Encoding.UTF8.GetBytes(CreateGroup(PodDocument(pod, 0))), WebSocketMessageType.Text);
            Assert.Equal(JobOutcome.Success, (await worker.ReceiveAsync<BackendMessage.JobStatus>()).Status);
        }

        Assert.All(["p", "q", "r"], pod => Assert.NotNull(Find(ObjectKind.Pod, pod)));
        Assert.Equal([false, true, true], workers.Select(worker => worker.Headers.ContainsKey(WorkerFrame.AdditionalHeader)));
        Assert.Equal(3, workers.Select(worker => worker.Headers[WorkerFrame.ConnectionHeader].ToString().Split('/')[0]).Distinct().Count());
    }

    [Fact]
    public async Task Jobs_OnceTheControlPlaneKeepsNoOrder_AreTakenOnOneConnection()
    {
        _controlPlane.ParallelJobs = 2;
        _worker.Break();
        var first = await _controlPlane.ConnectionAsync("worker");
        var second = await _controlPlane.ConnectionAsync("worker");
        await second.ReceiveInitAsync();
        _controlPlane.ParallelJobs = null;
        second.Break();

        var refused = await _controlPlane.ConnectionAsync("worker");

        Assert.True(refused.Headers.ContainsKey(WorkerFrame.AdditionalHeader));
        Assert.True(await refused.IsClosedAsync());
        await first.ReceiveInitAsync();
    }

    [Fact]
    public async Task Job_ThatIsExecuted_IsInTheTraceOfItsWorkflow()
    {
        const string Workflow = "0af7651916cd43dd8448eb211c80319d";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkflowTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await SendAsync(CreateGroup(Object("Secret", "Not Allowed")).Replace("\"workflow_uuid\": \"w\"", $"\"workflow_uuid\": \"{Workflow}\"", StringComparison.Ordinal));
        var result = await ResultAsync();

        var span = Assert.Single(ended, span => span.TraceId.ToHexString() == Workflow);
        Assert.Equal(("w-g-submit", "CreateGroup", "b1"), (span.GetTagItem("osmo.job.id"), span.GetTagItem("osmo.job.type"), span.GetTagItem("osmo.backend")));
        Assert.Equal((ActivityStatusCode.Error, result.Message), (span.Status, span.StatusDescription));
    }

    [Fact]
    public async Task CreateGroup_RefusedObject_FailsAndCreatesNothingAfterIt()
    {
        await SendAsync(CreateGroup(Object("Secret", "Not Allowed"), PodDocument("p", 0)));

        var result = await ResultAsync();

        Assert.Equal(JobOutcome.FailedNoRetry, result.Status);
        Assert.Contains("Not Allowed", result.Message, StringComparison.Ordinal);
        Assert.Null(Find(ObjectKind.Pod, "p"));
    }

    [Theory]
    [InlineData("""{"job_type": "Dance", "job_id": "x", "backend": "b1"}""", "Dance")]
    [InlineData("[]", "one JSON object")]
    [InlineData("""{"job_type": "CreateGroup", "job_id": "x", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{"kind": "Pod"}]}""", "metadata")]
    [InlineData("""{"job_type": "CreateGroup", "job_id": "x", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [null]}""", "k8s_resources[0] is null")]
    [InlineData("""{"job_type": "CreateGroup", "job_id": "x", "job_id": "y"}""", "Duplicate")]
    public async Task Job_ThatCannotBeRead_FailsWithoutRetryAndTheWorkerGoesOn(string frame, string expected)
    {
        await _worker.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text);

        var result = await ResultAsync();

        Assert.Equal(JobOutcome.FailedNoRetry, result.Status);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        await SendAsync(CreateGroup(Object("Secret", "s")));
        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
    }

    [Theory]
    [InlineData("a fault of ours", "NotSupportedException: no such thing")]
    [InlineData("what looks like a broken connection", "JsonException: no such thing")]
    [InlineData("what looks like a time-out", "TaskCanceledException: no such thing")]
    public async Task Job_InWhichSomethingUnexpectedHappens_FailsWithoutRetryAndTheWorkerGoesOn(string fault, string expected)
    {
        _cluster.Create = _ => throw (fault switch
        {
            "a fault of ours" => new NotSupportedException("no such thing"),
            "what looks like a broken connection" => new JsonException("no such thing"),
            _ => new TaskCanceledException("no such thing"),
        });
        await SendAsync(CreateGroup(Object("Secret", "s")));
        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.FailedNoRetry, expected), await ResultAsync());

        _cluster.Create = _ => null;
        await SendAsync(CreateGroup(Object("Secret", "s")));
        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
    }

    [Fact]
    public async Task JobByReference_WithoutAJob_FailsWithoutRetry()
    {
        _controlPlane.JobFrame = WorkerFrame.EncodeJob(new JsonObject { ["type"] = "heartbeat" });

        await _worker.SendAsync(WorkerFrame.EncodeReference(ScriptedControlPlane.JobFramePath), WebSocketMessageType.Text);

        Assert.Equal(JobOutcome.FailedNoRetry, (await ResultAsync()).Status);
    }

    [Fact]
    public async Task CleanupGroup_AfterAFailure_SendsLogsThenDeletes()
    {
        await SendAsync(CreateGroup(Object("Secret", "s"), PodDocument("p", 0), PodDocument("q", 0)));
        await ResultAsync();
        var pod = Find(ObjectKind.Pod, "p")!;
        _machine.Cluster.Store.Update(pod.Ref, document => document["status"] = JsonNode.Parse(
            """{"phase": "Failed", "containerStatuses": [{"name": "user", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]}"""));
        var log = _machine.PathsOf(pod).LogOf("user");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await File.WriteAllTextAsync(log, "one\ntwo\nthree\n");

        await SendAsync(Cleanup(lines: 2));

        var logs = new List<BackendMessage.PodLog>();
        BackendMessage message;
        while ((message = (await _worker.ReceiveAsync()).Message) is not BackendMessage.JobStatus)
        {
            if (message is BackendMessage.PodLog part)
            {
                logs.Add(part);
            }
        }

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), message);
        Assert.Equal(
            [
                new BackendMessage.PodLog("Logs for container task: user ...", "task-p", 0, Mask: false),
                new BackendMessage.PodLog("two\nthree", "task-p", 0, Mask: true),
                new BackendMessage.PodLog(new string('-', 80) + "\n", "task-p", 0, Mask: false),
            ],
            logs);
        Assert.Null(Find(ObjectKind.Secret, "s"));
        Assert.Empty(Find(ObjectKind.Pod, "p")!.Metadata.Finalizers);
        Assert.Equal(30, Find(ObjectKind.Pod, "q")!.Metadata.DeletionGracePeriodSeconds);
        _machine.Cluster.Store.Release(pod.Ref, pod.Metadata.Uid!);
        Assert.Null(Find(ObjectKind.Pod, "p"));
    }

    [Fact]
    public async Task CleanupGroup_Forced_HasNoGrace()
    {
        await SendAsync(CreateGroup(PodDocument("p", 0)));
        await ResultAsync();

        await SendAsync(Cleanup(isForced: true));

        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        Assert.Equal(0, Find(ObjectKind.Pod, "p")!.Metadata.DeletionGracePeriodSeconds);
    }

    [Fact]
    public async Task RescheduleTask_OldPodGoes_NewPodComes()
    {
        await SendAsync(CreateGroup(Object("Secret", "s"), PodDocument("p", 0)));
        await ResultAsync();
        var old = Find(ObjectKind.Pod, "p")!;
        _machine.Cluster.Store.Release(old.Ref, old.Metadata.Uid!);

        await SendAsync(Reschedule());

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
        Assert.Equal("1", Find(ObjectKind.Pod, "p")!.Metadata.Labels["osmo.retry_id"]);
        Assert.NotEqual(old.Metadata.Uid, Find(ObjectKind.Pod, "p")!.Metadata.Uid);
        // Again: the new pod is there, the old one gone.
        await SendAsync(Reschedule());
        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success, GroupCreation.AlreadyExists), await ResultAsync());
    }

    [Fact]
    public async Task RescheduleTask_OldPodStays_IsForcedThenCreated()
    {
        await SendAsync(CreateGroup(PodDocument("p", 0)));
        await ResultAsync();
        var old = Find(ObjectKind.Pod, "p")!;

        await SendAsync(Reschedule());
        await foreach (var change in _machine.Cluster.WatchAsync(ObjectKind.Pod, "osmo", old.Metadata.ResourceVersion!, Waiting.Deadline()))
        {
            if (change is Cluster.WatchEvent.Changed { Object.Metadata.DeletionGracePeriodSeconds: 0 })
            {
                _machine.Cluster.Store.Release(old.Ref, old.Metadata.Uid!);
                break;
            }
        }

        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        Assert.Equal("1", Find(ObjectKind.Pod, "p")!.Metadata.Labels["osmo.retry_id"]);
    }

    [Fact]
    public async Task LabelNode_KnownAndUnknown_SetsOrRetries()
    {
        LocalNode.Register(_machine.Cluster.Store, _machine.Options, DateTimeOffset.UtcNow);

        await SendAsync("""{"job_type": "LabelNode", "job_id": "j", "backend": "b1", "workflow_uuid": "w", "node_name": "laptop", "labels": {"osmo.verified": "False"}}""");
        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        await SendAsync("""{"job_type": "LabelNode", "job_id": "j", "backend": "b1", "workflow_uuid": "w", "node_name": "nowhere", "labels": {}}""");
        Assert.Equal(JobOutcome.FailedRetry, (await ResultAsync()).Status);

        Assert.Equal("False", _machine.Cluster.Store.Find(LocalNode.RefOf("laptop"))!.Metadata.Labels["osmo.verified"]);
    }

    [Fact]
    public async Task SynchronizeQueues_Lists_CreatesReplacesRecreatesAndDeletes()
    {
        await SendAsync(Queues(Queue("a", 1), Queue("gone", 1), Topology("t", "x")));
        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        var topology = FindTopology();

        await SendAsync(Queues(Queue("a", 2), Queue("b", 1), Topology("t", "x")));
        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        var kind = new ObjectKind("scheduling.run.ai/v2", "Queue");
        var queues = _machine.Cluster.Store.List(kind, null, Everything).Items.ToDictionary(item => item.Metadata.Name);
        Assert.Equal(["a", "b"], queues.Keys.Order());
        Assert.Equal(2, (int)queues["a"].ToJson()["spec"]!["quota"]!);
        Assert.Equal(topology, FindTopology());

        await SendAsync(Queues(Queue("a", 2), Queue("b", 1), Topology("t", "y")));
        Assert.Equal(JobOutcome.Success, (await ResultAsync()).Status);
        Assert.NotEqual(topology, FindTopology());

        string? FindTopology() => Find(new ObjectKind("kai.scheduler/v1alpha1", "Topology"), "t", isClusterWide: true)?.Metadata.Uid;
    }

    [Fact]
    public async Task SynchronizeBackendTest_WithoutTestRunner_IsAccepted()
    {
        await SendAsync("""{"job_type": "BackendSynchronizeBackendTest", "job_id": "b1-sync-tests-1", "backend": "b1", "test_configs": {}, "node_condition_prefix": ""}""");

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
    }

    [Fact]
    public async Task Connection_BreaksDuringAJob_TheJobIsAbandonedAndTheNextOneAnswered()
    {
        await SendAsync(CreateGroup(PodDocument("p", 0)));
        await ResultAsync();
        await SendAsync(Reschedule());
        Assert.IsType<BackendMessage.Logging>((await _worker.ReceiveAsync()).Message);
        _worker.Break();

        _worker = await _controlPlane.ConnectionAsync("worker");
        await _worker.ReceiveInitAsync();
        await SendAsync(CreateGroup(Object("Secret", "s")));

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
        Assert.Equal("0", Find(ObjectKind.Pod, "p")!.Metadata.Labels["osmo.retry_id"]);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("listener/pod")]
    [InlineData("listener/control")]
    public async Task ControlPlane_ThatNoLongerAnswers_IsConnectedToAnew(string stream)
    {
        await using var silent = await ScriptedControlPlane.StartAsync();
        var options = silent.Options with { PingPeriod = TimeSpan.FromSeconds(1) };
        if (stream == "worker")
        {
            silent.RunWorker(_machine.Cluster, options);
        }
        else
        {
            silent.RunListener(_machine.Cluster, options);
        }

        // Who does not read answers no pings either: to the operator, a host that has lost its power.
        await silent.ConnectionAsync(stream);
        await silent.ConnectionAsync(stream);
    }

    private Task SendAsync(string job) => _worker.SendAsync(WorkerFrame.EncodeJob(JsonNode.Parse(job)!.AsObject()), WebSocketMessageType.Binary);

    private Task<BackendMessage.JobStatus> ResultAsync() => ResultAsync(_worker);

    private static async Task<BackendMessage.JobStatus> ResultAsync(PeerConnection worker)
    {
        while (true)
        {
            if ((await worker.ReceiveAsync()).Message is BackendMessage.JobStatus status)
            {
                return status;
            }
        }
    }

    private KubernetesObject? Find(ObjectKind kind, string name, bool isClusterWide = false) =>
        _machine.Cluster.Store.Find(new ObjectRef(kind, isClusterWide ? null : "osmo", name));

    private static string CreateGroup(params string[] objects) =>
        $$"""{"job_type": "CreateGroup", "job_id": "w-g-submit", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{{string.Join(',', objects)}}]}""";

    private static string Cleanup(int lines = 100, bool isForced = false, string labels = """{"osmo.group_uuid": "g"}""") => $$"""
        {"job_type": "CleanupGroup", "job_id": "w-g-backend-cleanup", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "max_log_lines": {{lines}},
         "force_delete": {{(isForced ? "true" : "false")}}, "error_log_spec": {"labels": {{labels}}, "resource_type": "Pod"},
         "cleanup_specs": [{"labels": {{labels}}, "generic_api": {"api_version": "v1", "kind": "Secret"} }, {"labels": {{labels}}, "resource_type": "Pod"}]}
        """;

    private static string Reschedule()
    {
        const string OldPod = """{"osmo.group_uuid": "g", "osmo.retry_id": "0"}""";
        return $$"""
            {"job_type": "RescheduleTask", "job_id": "w-t-1-reschedule", "backend": "b1", "workflow_uuid": "w", "retry_id": 1, "task_name": "t", "lead_task": true,
             "create_job": {{CreateGroup(PodDocument("p", 1))}}, "cleanup_job": {{Cleanup(labels: OldPod)}} }
            """;
    }

    private static string Queues(params string[] objects) => $$"""
        {"job_type": "BackendSynchronizeQueues", "job_id": "b1-modify-queues-1", "backend": "b1", "immutable_kinds": ["Topology"],
         "cleanup_specs": [{"labels": {"osmo.namespace": "osmo"}, "generic_api": {"api_version": "scheduling.run.ai/v2", "kind": "Queue"} },
                           {"labels": {"osmo.namespace": "osmo"}, "generic_api": {"api_version": "kai.scheduler/v1alpha1", "kind": "Topology"} }],
         "k8s_resources": [{{string.Join(',', objects)}}]}
        """;

    private static string Queue(string name, int quota) =>
        $$"""{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "{{name}}", "labels": {"osmo.namespace": "osmo"} }, "spec": {"quota": {{quota}} } }""";

    private static string Topology(string name, string level) =>
        $$"""{"apiVersion": "kai.scheduler/v1alpha1", "kind": "Topology", "metadata": {"name": "{{name}}", "labels": {"osmo.namespace": "osmo"} }, "spec": {"levels": ["{{level}}"]} }""";

    private static string Object(string kind, string name) =>
        $$"""{"apiVersion": "v1", "kind": "{{kind}}", "metadata": {"name": "{{name}}", "labels": {"osmo.group_uuid": "g"} } }""";

    private static string PodDocument(string name, int retry) => $$"""
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "{{name}}", "finalizers": ["osmo.nvidia.com/cleanup"],
                      "labels": {"osmo.group_uuid": "g", "osmo.task_uuid": "task-{{name}}", "osmo.task_name": "task", "osmo.retry_id": "{{retry}}"} },
         "spec": {"containers": [{"name": "user"}]} }
        """;
}
