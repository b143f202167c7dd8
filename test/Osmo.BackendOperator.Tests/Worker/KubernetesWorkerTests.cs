using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>Every job against an API server, and everything that may go wrong with it; contract: backend-protocol §10.</summary>
public sealed class KubernetesWorkerTests : IAsyncLifetime
{
    private FakeKubernetes _server = null!;
    private FakeCluster _nodes = null!;
    private KubernetesCluster _cluster = null!;
    private ScriptedControlPlane _controlPlane = null!;
    private PeerConnection _worker = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _nodes = new FakeCluster(_server);
        _nodes.AddNode("n1");
        _cluster = Connect(_server);
        _controlPlane = await ScriptedControlPlane.StartAsync();
        _controlPlane.RunWorker(_cluster);
        _worker = await _controlPlane.ConnectionAsync("worker");
        await _worker.ReceiveInitAsync();
    }

    public async Task DisposeAsync()
    {
        await _controlPlane.DisposeAsync();
        _cluster.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task CreateGroup_OfEveryKind_CreatesInTheNamespaceInOrder()
    {
        var result = await RunAsync(CreateGroup(
            Object("v1", "Secret", "s"), Object("scheduling.run.ai/v2alpha2", "PodGroup", "g"), Pod("p"), Pod("q"), Object("v1", "Service", "svc")));

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), result);
        var created = _server.Calls.Where(call => call.Verb == "create").ToList();
        Assert.Equal(["secrets", "podgroups.scheduling.run.ai", "pods", "pods", "services"], created.Select(call => call.Resource.Name));
        Assert.All(created, call => Assert.Equal("osmo", call.Namespace));
        Assert.Equal(
            new BackendMessage.JobStatus(JobOutcome.Success, GroupCreation.AlreadyExists), await RunAsync(CreateGroup(Object("v1", "Secret", "s"), Pod("p"))));
    }

    [Theory]
    [InlineData("quota", JobOutcome.FailedNoRetry, "exceeded quota")]
    [InlineData("rights", JobOutcome.FailedNoRetry, "does not let the operator create pods in the namespace osmo")]
    [InlineData("kind", JobOutcome.FailedNoRetry, "does not serve")]
    [InlineData("document", JobOutcome.FailedNoRetry, "Duplicate value")]
    [InlineData("broken connection", JobOutcome.FailedRetry, "connection broke")]
    [InlineData("server errors", JobOutcome.FailedRetry, "scripted 500")]
    [InlineData("too many requests", JobOutcome.FailedRetry, "scripted 429")]
    [InlineData("server away", JobOutcome.FailedRetry, "connection broke")]
    public async Task CreateGroup_ThatFails_SaysWhyAndWhetherToTryAgain(string trouble, JobOutcome outcome, string expected)
    {
        // What the client has to learn first.
        await RunAsync(CreateGroup(Object("v1", "Secret", "before")));
        var pod = Pod("p");
        switch (trouble)
        {
            case "quota":
                _server.Writes.Admission = _ => new ApiException(403, "Forbidden", "pods \"p\" is forbidden: exceeded quota: small");
                break;
            case "rights":
                _server.Faults.Allowed = call => call.Verb != "create";
                break;
            case "kind":
                pod = Object("nobody.io/v1", "Dance", "d");
                break;
            case "document":
                pod = Pod("p", """[{"name": "v"}, {"name": "v"}]""");
                break;
            case "broken connection":
                _server.Faults.BreakAfter();
                break;
            case "server errors":
                _server.Faults.Fail(500, ApiClient.RepetitionsMax + 1);
                break;
            case "too many requests":
                _server.Faults.Fail(429, ApiClient.RepetitionsMax + 1);
                break;
            case "server away":
                _server.Faults.IsDown = true;
                break;
        }

        var result = await RunAsync(CreateGroup(pod));

        Assert.Equal(outcome, result.Status);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        _server.Faults.IsDown = false;
        _server.Faults.Allowed = null;
        _server.Writes.Admission = null;
        Assert.Equal(JobOutcome.Success, (await RunAsync(CreateGroup(Pod("p")))).Status);
    }

    [Fact]
    public async Task CreateGroup_WhileTheServerDoesNotKnowTheRolesYet_WaitsForThem()
    {
        using var cluster = Connect(_server, TimeSpan.FromMinutes(5));
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.RunWorker(cluster);
        var worker = await controlPlane.ConnectionAsync("worker");
        await worker.ReceiveInitAsync();
        _server.Faults.Refuse(times: 2 * ApiClient.RepetitionsMax, call => call.Verb == "create");

        await worker.SendAsync(WorkerFrame.EncodeJob(JsonNode.Parse(CreateGroup(Object("v1", "Secret", "s"), Pod("p")))!.AsObject()), WebSocketMessageType.Binary);

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), (await worker.ReceiveAsync()).Message);
        Assert.NotNull(_server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p")));
    }

    [Fact]
    public async Task CleanupGroup_OfAFailedGroup_SendsLogsAndLeavesNothing()
    {
        await RunAsync(CreateGroup(Object("v1", "Secret", "s"), Object("scheduling.run.ai/v2alpha2", "PodGroup", "g"), Pod("p"), Pod("other", group: "other")));
        _nodes.Bind("p", "n1");
        _nodes.Run("p");
        _server.Logs.Write("osmo", "p", "user", [.. "one\ntwo\n"u8, 0xff, (byte)'\n']);
        _nodes.Finish("p", 3);

        await SendAsync(Cleanup());
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
        Assert.Contains(new BackendMessage.PodLog("two\n\uFFFD", "task-p", 0, Mask: true), logs);
        Assert.Equal("other", Assert.Single(_server.Storage.List(Resource.Pods, "osmo").Items).Key.Name);
        Assert.Empty(_server.Storage.List(Resource.Secrets, "osmo").Items);
        Assert.DoesNotContain(_server.Calls, call => call is { Verb: "delete", Name: "other" });
        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await RunAsync(Cleanup()));
    }

    [Theory]
    [InlineData("refused", "The log cannot be read: scripted 400")]
    [InlineData("hangs", "The log cannot be read: it did not come to its end within 30 s.")]
    public async Task CleanupGroup_WithALogThatCannotBeRead_SaysSoAndDoesTheRest(string trouble, string expected)
    {
        await RunAsync(CreateGroup(Object("v1", "Secret", "s"), Pod("p")));
        _nodes.Bind("p", "n1");
        _nodes.Run("p");
        _server.Logs.Write("osmo", "p", "user", [.. "line\n"u8]);
        _nodes.Finish("p", 3);
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        using var held = trouble == "hangs" ? _server.Faults.Hold(call => call.Subresource == "log") : null;
        if (trouble == "refused")
        {
            _server.Faults.Fail(400, where: call => call.Subresource == "log");
        }

        var said = new List<BackendMessage>();
        var job = new JobExecutor(_cluster, _controlPlane.Options, time).ExecuteAsync(
            JsonNode.Parse(Cleanup())!.AsObject(),
            (message, _) =>
            {
                said.Add(message);
                return Task.CompletedTask;
            },
            Waiting.Deadline());
        if (trouble == "hangs")
        {
            await time.TimerDueWithin(ErrorLogs.LogTimeMax);
            time.Advance(ErrorLogs.LogTimeMax);
        }

        Assert.Equal(JobResult.Success, await job);
        Assert.Contains(said.OfType<BackendMessage.PodLog>(), log => log.Text.StartsWith(expected, StringComparison.Ordinal) && !log.Mask);
        Assert.Empty(_server.Storage.List(Resource.Secrets, "osmo").Items);
    }

    [Fact]
    public async Task CleanupGroup_OfMoreLogsThanThereIsTimeFor_LeavesSomeAndDoesTheRest()
    {
        string[] pods = ["p", "q", "r"];
        await RunAsync(CreateGroup([.. pods.Select(pod => Pod(pod))]));
        foreach (var pod in pods)
        {
            _nodes.Bind(pod, "n1");
            _nodes.Run(pod);
            _nodes.Finish(pod, 3);
        }

        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        var said = new List<BackendMessage>();

        var result = await new JobExecutor(_cluster, _controlPlane.Options, time).ExecuteAsync(
            JsonNode.Parse(Cleanup(isForced: true))!.AsObject(),
            (message, _) =>
            {
                said.Add(message);
                if (said.OfType<BackendMessage.PodLog>().Count() == 1)
                {
                    time.Advance(ErrorLogs.TimeMax);
                }

                return Task.CompletedTask;
            },
            Waiting.Deadline());

        Assert.Equal(JobResult.Success, result);
        Assert.Single(said.OfType<BackendMessage.PodLog>().Select(log => log.Task).Distinct());
        Assert.Contains(said.OfType<BackendMessage.Logging>(), line => line.Text.StartsWith("Error logs are not complete", StringComparison.Ordinal));
        Assert.Empty(_server.Storage.List(Resource.Pods, "osmo").Items);
    }

    [Theory]
    [InlineData("list", 500, JobOutcome.FailedRetry)]
    [InlineData("delete", 500, JobOutcome.FailedRetry)]
    [InlineData("patch", 500, JobOutcome.FailedRetry)]
    [InlineData("delete", 403, JobOutcome.FailedNoRetry)]
    public async Task CleanupGroup_WithRefusals_DoesTheRestAndCanBeDoneAgain(string verb, int code, JobOutcome outcome)
    {
        await RunAsync(CreateGroup(Object("v1", "Secret", "s"), Pod("p")));
        _server.Faults.Fail(code, ApiClient.RepetitionsMax + 1, where: call => call.Verb == verb && call.Resource == (verb == "patch" ? Resource.Pods : Resource.Secrets));

        Assert.Equal(outcome, (await RunAsync(Cleanup())).Status);

        Assert.Equal(verb != "patch", _server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p")) is null);
        var again = await RunAsync(Cleanup());
        while (code == 403 && again.Status != JobOutcome.Success)
        {
            again = await RunAsync(Cleanup());
        }

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), again);
        Assert.Empty(_server.Storage.List(Resource.Secrets, "osmo").Items);
        Assert.Empty(_server.Storage.List(Resource.Pods, "osmo").Items);
    }

    [Fact]
    public async Task CleanupGroup_WithoutGrace_IsForced()
    {
        await RunAsync(CreateGroup(Pod("p")));
        _nodes.Bind("p", "n1");
        _nodes.Run("p");
        await RunAsync(Cleanup());
        Assert.NotNull(_server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p")));

        Assert.Equal(JobOutcome.Success, (await RunAsync(Cleanup(isForced: true))).Status);

        Assert.Null(_server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p")));
    }

    [Fact]
    public async Task RescheduleTask_WhoseOldPodClings_ForcesItAndCreatesTheNew()
    {
        await RunAsync(CreateGroup(Pod("p")));
        _nodes.Bind("p", "n1");
        _nodes.Run("p");

        var result = await RunAsync(Reschedule());

        Assert.Equal(JobOutcome.Success, result.Status);
        Assert.Equal("1", _server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p"))!.Labels["osmo.retry_id"]);
    }

    [Theory]
    [InlineData("pods cannot be deleted", JobOutcome.FailedRetry, "scripted 500", "0")]
    [InlineData("the new one is refused", JobOutcome.FailedNoRetry, "exceeded quota", null)]
    [InlineData("the server fails meanwhile", JobOutcome.FailedRetry, "scripted 503", null)]
    public async Task RescheduleTask_ThatFails_SaysWhyAndWhetherToTryAgain(string trouble, JobOutcome outcome, string expected, string? retryOfPod)
    {
        await RunAsync(CreateGroup(Pod("p")));
        switch (trouble)
        {
            case "pods cannot be deleted":
                _server.Faults.Fail(500, ApiClient.RepetitionsMax + 1, where: call => call.Verb == "delete");
                break;
            case "the new one is refused":
                _server.Writes.Admission = _ => new ApiException(403, "Forbidden", "pods \"p\" is forbidden: exceeded quota: small");
                break;
            case "the server fails meanwhile":
                _server.Faults.Fail(503, ApiClient.RepetitionsMax + 1, where: call => call.Verb == "create");
                break;
        }

        var result = await RunAsync(Reschedule());

        Assert.Equal(outcome, result.Status);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        Assert.Equal(retryOfPod, Retry());
        _server.Writes.Admission = null;
        Assert.Equal(JobOutcome.Success, (await RunAsync(Reschedule())).Status);
        Assert.Equal("1", Retry());

        // Handed out once more after its answer was lost, it finds its work done.
        Assert.Equal(JobOutcome.Success, (await RunAsync(Reschedule())).Status);
        Assert.Equal("1", Retry());

        string? Retry() => _server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", "p"))?.Labels["osmo.retry_id"];
    }

    [Fact]
    public async Task RescheduleTask_WhoseOldPodNeverGoes_IsTriedAgain()
    {
        // Somebody else holds the pod, too.
        await RunAsync(CreateGroup(Pod("p").Replace("\"osmo.nvidia.com/cleanup\"", "\"osmo.nvidia.com/cleanup\", \"others.example.com/hold\"", StringComparison.Ordinal)));
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

        var job = new JobExecutor(_cluster, _controlPlane.Options, time)
            .ExecuteAsync(JsonNode.Parse(Reschedule())!.AsObject(), (_, _) => Task.CompletedTask, Waiting.Deadline());
        while (await Task.WhenAny(job, time.TimerDueWithin(TaskReschedule.RoundPatience)) != job)
        {
            time.Advance(TaskReschedule.RoundPatience);
        }

        var result = await job;
        Assert.Equal(JobOutcome.FailedRetry, result.Outcome);
        Assert.Contains($"still there after {TaskReschedule.RoundsMax} rounds", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LabelNode_KnownUnknownAndWithoutRight_IsDoneOrTriedAgain()
    {
        static string Label(string node) =>
            $$"""{"job_type": "LabelNode", "job_id": "j", "backend": "b1", "workflow_uuid": "w", "node_name": "{{node}}", "labels": {"osmo.verified": "False"} }""";

        Assert.Equal(JobOutcome.Success, (await RunAsync(Label("n1"))).Status);
        Assert.Equal("False", _server.Storage.Find(new ObjectKey(Resource.Nodes, null, "n1"))!.Labels["osmo.verified"]);
        Assert.Equal(JobOutcome.FailedRetry, (await RunAsync(Label("nowhere"))).Status);
        _server.Faults.Allowed = call => call.Verb != "patch";
        Assert.Contains("forbidden", (await RunAsync(Label("n1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SynchronizeQueues_WithAndWithoutTheScheduler_MakesThemEqualOrSkips()
    {
        Assert.Equal(JobOutcome.Success, (await RunAsync(Queues(Queue("a", 1), Queue("gone", 1)))).Status);
        Assert.Equal(JobOutcome.Success, (await RunAsync(Queues(Queue("a", 2), Queue("b", 1)))).Status);
        var queues = _server.Storage.List(Resource.Usual.Single(item => item.Kind == "Queue"), null).Items.ToDictionary(item => item.Key.Name);
        Assert.Equal(["a", "b"], queues.Keys.Order());
        Assert.Equal(2, (int)queues["a"].ToJson()["spec"]!["quota"]!);
        _server.Faults.Fail(409, where: call => call.Verb == "update");
        Assert.Equal(JobOutcome.FailedRetry, (await RunAsync(Queues(Queue("a", 3), Queue("b", 1)))).Status);
    }

    [Fact]
    public async Task CreateGroup_OfAThousandTasks_ByReference_CreatesThemAll()
    {
        const int Tasks = 1000;
        var random = new Random(1);
        var data = new byte[20 << 10];
        var objects = new List<string>();
        for (var i = 0; i < Tasks; i++)
        {
            random.NextBytes(data);
            objects.Add($$"""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s{{i}}"}, "data": {"file": "{{Convert.ToBase64String(data)}}"} }""");
        }

        objects.AddRange(Enumerable.Range(0, Tasks).Select(i => Pod($"p{i}")));
        _controlPlane.JobFrame = WorkerFrame.EncodeJob(JsonNode.Parse(CreateGroup([.. objects]))!.AsObject());
        Assert.True(_controlPlane.JobFrame.Length > BackendLimits.FrameBytesMax);
        Assert.Equal("1", _worker.Headers[WorkerFrame.AcceptsReferenceHeader]);

        await _worker.SendAsync(WorkerFrame.EncodeReference(ScriptedControlPlane.JobFramePath), WebSocketMessageType.Text);

        Assert.Equal(new BackendMessage.JobStatus(JobOutcome.Success), await ResultAsync());
        Assert.Equal(Tasks, _server.Storage.List(Resource.Pods, "osmo").Items.Count);
        Assert.Equal(Tasks, _server.Storage.List(Resource.Secrets, "osmo").Items.Count);
    }

    [Theory]
    [InlineData(ScriptedControlPlane.JobFramePath)]
    [InlineData("http://elsewhere.example.com/api/agent/x")]
    [InlineData("//elsewhere.example.com/x")]
    public async Task Reference_ThatCannotBeFetched_IsTriedAgain(string path)
    {
        await _worker.SendAsync(WorkerFrame.EncodeReference(path), WebSocketMessageType.Text);

        Assert.Equal(JobOutcome.FailedRetry, (await ResultAsync()).Status);
    }

    private static KubernetesCluster Connect(FakeKubernetes server, TimeSpan patience = default) => new(
        new ClusterAccess { Server = server.Url },
        new ApiClientOptions { RequestsPerSecond = 10_000, Burst = 10_000, RetryPause = TimeSpan.FromMilliseconds(1), RefusalPatience = patience },
        TimeProvider.System);

    private async Task<BackendMessage.JobStatus> RunAsync(string job)
    {
        await SendAsync(job);
        return await ResultAsync();
    }

    private async Task<BackendMessage.JobStatus> ResultAsync()
    {
        while (true)
        {
            if ((await _worker.ReceiveAsync()).Message is BackendMessage.JobStatus status)
            {
                return status;
            }
        }
    }

    private Task SendAsync(string job) => _worker.SendAsync(WorkerFrame.EncodeJob(JsonNode.Parse(job)!.AsObject()), WebSocketMessageType.Binary);

    private static string CreateGroup(params string[] objects) =>
        $$"""{"job_type": "CreateGroup", "job_id": "w-g-submit", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{{string.Join(',', objects)}}]}""";

    private static string Cleanup(bool isForced = false, string labels = """{"osmo.group_uuid": "g"}""") => $$"""
        {"job_type": "CleanupGroup", "job_id": "w-g-backend-cleanup", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 2,
         "force_delete": {{(isForced ? "true" : "false")}}, "error_log_spec": {"labels": {{labels}}, "resource_type": "Pod"},
         "cleanup_specs": [{"labels": {{labels}}, "generic_api": {"api_version": "v1", "kind": "Secret"} },
                           {"labels": {{labels}}, "resource_type": "Pod"},
                           {"labels": {{labels}}, "generic_api": {"api_version": "scheduling.run.ai/v2alpha2", "kind": "PodGroup"} }]}
        """;

    private static string Reschedule()
    {
        const string OldPod = """{"osmo.group_uuid": "g", "osmo.retry_id": "0"}""";
        return $$"""
            {"job_type": "RescheduleTask", "job_id": "w-t-1-reschedule", "backend": "b1", "workflow_uuid": "w", "retry_id": 1, "task_name": "t", "lead_task": true,
             "create_job": {{CreateGroup(Pod("p", retry: 1))}}, "cleanup_job": {{Cleanup(labels: OldPod)}} }
            """;
    }

    private static string Queues(params string[] objects) => $$"""
        {"job_type": "BackendSynchronizeQueues", "job_id": "b1-modify-queues-1", "backend": "b1", "immutable_kinds": ["Topology"],
         "cleanup_specs": [{"labels": {"osmo.namespace": "osmo"}, "generic_api": {"api_version": "scheduling.run.ai/v2", "kind": "Queue"} },
                           {"labels": {"osmo.namespace": "osmo"}, "generic_api": {"api_version": "nobody.io/v1", "kind": "Queue"} }],
         "k8s_resources": [{{string.Join(',', objects)}}]}
        """;

    private static string Queue(string name, int quota) =>
        $$"""{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "{{name}}", "labels": {"osmo.namespace": "osmo"} }, "spec": {"quota": {{quota}} } }""";

    private static string Object(string apiVersion, string kind, string name) =>
        $$"""{"apiVersion": "{{apiVersion}}", "kind": "{{kind}}", "metadata": {"name": "{{name}}", "namespace": "elsewhere", "labels": {"osmo.group_uuid": "g"} } }""";

    private static string Pod(string name, string volumes = "[]", string group = "g", int retry = 0) => $$"""
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "{{name}}", "finalizers": ["osmo.nvidia.com/cleanup"],
                      "labels": {"osmo.group_uuid": "{{group}}", "osmo.task_uuid": "task-{{name}}", "osmo.task_name": "task", "osmo.retry_id": "{{retry}}"} },
         "spec": {"containers": [{"name": "user"}], "volumes": {{volumes}} } }
        """;
}
