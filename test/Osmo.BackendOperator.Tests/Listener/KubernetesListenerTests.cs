using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Listener;
using Osmo.Protocol.Backend;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;
using PodStatus = Osmo.Protocol.Backend.PodStatus;

namespace Osmo.BackendOperator.Tests.Listener;

/// <summary>The listener between an API server and a scripted control plane; contract: backend-protocol §8, §9.</summary>
public sealed class KubernetesListenerTests : IAsyncLifetime
{
    private FakeKubernetes _server = null!;
    private FakeCluster _nodes = null!;
    private KubernetesCluster _cluster = null!;
    private ScriptedControlPlane _controlPlane = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _nodes = new FakeCluster(_server);
        _nodes.AddNode("n1");
        _cluster = Connect(_server);
        _controlPlane = await ScriptedControlPlane.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _controlPlane.DisposeAsync();
        _cluster.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>What happens to the pod, in the order of the mapping table, and how it must be reported in the end.</summary>
    private static readonly Dictionary<string, (Action<FakeCluster, string> Happens, PodStatus Status, int? ExitCode)> Ends = new()
    {
        ["completed"] = ((c, p) => { c.Run(p); c.Finish(p); }, PodStatus.Completed, 0),
        ["user failed"] = ((c, p) => { c.Run(p); c.Exit(p, "user", 7); c.Exit(p, "osmo-ctrl", 0); }, PodStatus.Failed, 7),
        ["ctrl reports its code"] = ((c, p) => { c.Run(p); c.Exit(p, "osmo-ctrl", 1, message: """{"code": 12}"""); }, PodStatus.Failed, 2012),
        ["init failed"] = ((c, p) => { c.Exit(p, "osmo-init", 1); c.Fail(p, "", ""); }, PodStatus.Failed, 256),
        ["start error"] = ((c, p) => { c.Run(p); c.Exit(p, "user", 128, "StartError"); }, PodStatus.Failed, 128),
        ["out of memory"] = ((c, p) => { c.Run(p); c.OomKill(p, "user"); c.Exit(p, "osmo-ctrl", 0); }, PodStatus.FailedEvicted, 3004),
        ["evicted"] = ((c, p) => { c.Run(p); c.Evict(p); }, PodStatus.FailedEvicted, 3004),
        ["start error of the pod"] = ((c, p) => c.Fail(p, "StartError"), PodStatus.FailedStartError, 3003),
        ["admission"] = ((c, p) => c.Fail(p, "UnexpectedAdmissionError", "no such device"), PodStatus.FailedBackendError, 3001),
        ["preempted"] = ((c, p) => { c.Run(p); c.Preempt(p); }, PodStatus.FailedPreempted, 3006),
        ["image pull back-off"] = ((c, p) => c.Wait(p, "user", "ImagePullBackOff", "no such image"), PodStatus.FailedImagePull, 301),
        ["image pull error"] = ((c, p) => c.Wait(p, "user", "ErrImagePull"), PodStatus.FailedImagePull, 302),
        ["ctrl image pull back-off"] = ((c, p) => c.Wait(p, "osmo-ctrl", "ImagePullBackOff"), PodStatus.FailedImagePull, 2301),
        ["init image pull error"] = ((c, p) => c.Wait(p, "osmo-init", "ErrImagePull"), PodStatus.FailedImagePull, 557),
        ["crash loop"] = ((c, p) => c.Wait(p, "user", "CrashLoopBackOff"), PodStatus.Failed, 304),
        ["other waiting error"] = ((c, p) => c.Wait(p, "user", "CreateContainerError"), PodStatus.Failed, 999),
        ["highest code of several"] = ((c, p) => { c.Run(p); c.Exit(p, "user", 255); c.Exit(p, "osmo-ctrl", 1); }, PodStatus.Failed, 2001),
        ["preflight failed"] = ((c, p) => { c.Run(p); c.Exit(p, "preflight-test", 1); c.Fail(p, ""); }, PodStatus.Failed, 1001),
        ["failed without a word"] = ((c, p) => c.Fail(p, ""), PodStatus.Failed, 4000),
        ["drained"] = ((c, p) => c.Change(p, pod => c.SetCondition(pod, "DisruptionTarget", "True", "EvictionByEvictionAPI")), PodStatus.FailedBackendError, 3001),
        ["node lost"] = ((c, p) => { c.Run(p); c.LoseNode("n1"); }, PodStatus.FailedBackendError, 3001),
        ["deleted by somebody, kept by its finalizer"] = ((c, p) => { c.Run(p); c.Exit(p, "user", 143); c.Exit(p, "osmo-ctrl", 143); }, PodStatus.Failed, 2143),
    };

    public static TheoryData<string> Cases => [.. Ends.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Pod_ThatEnds_IsReportedByTheTable(string name)
    {
        var (happens, status, exitCode) = Ends[name];
        _controlPlane.RunListener(_cluster);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        Create("a");
        await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == PodStatus.Scheduling);
        _nodes.Bind("a", "n1");
        _nodes.Prepare("a");
        await pods.ReceiveAsync<BackendMessage.MonitorPod>();
        Assert.Equal("n1", (await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == PodStatus.Initializing)).Node);

        happens(_nodes, "a");

        var end = await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status is not (PodStatus.Scheduling or PodStatus.Running));
        Assert.Equal((status, exitCode, "task-a", "wf", 0), (end.Status, end.ExitCode, end.TaskUuid, end.WorkflowUuid, end.RetryId));
    }

    [Theory]
    [InlineData("CreateContainerConfigError", 10)]
    [InlineData("ContainerStatusUnknown", 30)]
    public async Task Pod_StuckForTooLong_FailsWithoutAnyEvent(string reason, int minutes)
    {
        // In whole seconds, as Kubernetes tells times.
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        _controlPlane.RunListener(_cluster, time: time);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        var events = await _controlPlane.ConnectionAsync("listener/event");
        Create("a");
        await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == PodStatus.Scheduling);
        _nodes.Wait("a", "user", reason, "no such secret");
        static bool IsUnready(Osmo.Protocol.Backend.PodCondition condition) => condition is { Type: "Ready", Status: "False" };
        var told = await events.ReceiveAsync<BackendMessage.PodConditions>(seen => seen.Conditions.Any(IsUnready));
        var failsAt = told.Conditions.Single(IsUnready).Timestamp + TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1);

        await time.TimerDueAt(failsAt);
        time.Advance(failsAt - time.GetUtcNow());

        var failed = await pods.ReceiveAsync<BackendMessage.UpdatePod>();
        Assert.Equal((PodStatus.FailedBackendError, 3001, "task-a"), (failed.Status, failed.ExitCode, failed.TaskUuid));
        Assert.Contains(reason, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("InvalidImageName")]
    [InlineData("ErrImageNeverPull")]
    [InlineData("RegistryUnavailable")]
    public async Task Pod_ThatWaitsWithoutAnError_StaysAsItWas(string reason)
    {
        _controlPlane.RunListener(_cluster);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        Create("a");
        await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == PodStatus.Scheduling);

        _nodes.Wait("a", "user", reason);
        _nodes.Run("a");

        Assert.Equal(PodStatus.Running, (await pods.ReceiveAsync<BackendMessage.UpdatePod>()).Status);
    }

    [Fact]
    public async Task Condition_WithoutATime_IsReportedNevertheless()
    {
        _controlPlane.RunListener(_cluster);
        var events = await _controlPlane.ConnectionAsync("listener/event");
        Create("a");
        _nodes.Change("a", pod => pod["status"]!["conditions"] = JsonNode.Parse("""[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]"""));

        var reported = await events.ReceiveAsync<BackendMessage.PodConditions>();

        Assert.Equal(("PodScheduled", "Unschedulable"), (Assert.Single(reported.Conditions).Type, reported.Conditions[0].Reason));
    }

    [Fact]
    public async Task Start_WithMorePodsThanOnePage_ReportsEachOnce()
    {
        const int Pods = 25;
        for (var i = 0; i < Pods; i++)
        {
            Create($"p{i}");
        }

        _controlPlane.RunListener(_cluster);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        var seen = new HashSet<string>();
        for (var i = 0; i < Pods; i++)
        {
            seen.Add((await pods.ReceiveAsync<BackendMessage.UpdatePod>()).TaskUuid);
        }

        Assert.Equal(Pods, seen.Count);
        Create("last");
        Assert.Equal("task-last", (await pods.ReceiveAsync<BackendMessage.UpdatePod>()).TaskUuid);
    }

    [Theory]
    [InlineData("watches break")]
    [InlineData("watches end")]
    [InlineData("history is forgotten")]
    [InlineData("server errors")]
    [InlineData("server is away")]
    public async Task ApiServer_WithTrouble_LosesNothingAndRepeatsNothing(string trouble)
    {
        _controlPlane.RunListener(_cluster);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        Create("a");
        Create("b");
        for (var i = 0; i < 2; i++)
        {
            await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == PodStatus.Scheduling);
        }

        _server.Faults.IsDown = trouble == "server is away";
        if (trouble == "server errors")
        {
            _server.Faults.Fail(500, times: 3);
        }

        if (trouble == "watches end")
        {
            _server.Storage.EndWatches();
        }
        else
        {
            _server.BreakWatches();
        }

        _nodes.Bind("a", "n1");
        _nodes.Run("a");
        _nodes.Finish("a", 3);
        if (trouble == "history is forgotten")
        {
            _server.Compact();
        }

        _server.Faults.IsDown = false;
        var statuses = new List<PodStatus>();
        while (!statuses.Contains(PodStatus.Failed))
        {
            var update = await pods.ReceiveAsync<BackendMessage.UpdatePod>();
            Assert.Equal("task-a", update.TaskUuid);
            statuses.Add(update.Status);
        }

        Assert.Equal(statuses.Distinct(), statuses);
    }

    [Fact]
    public async Task Operator_StartedAgain_ReportsWhatEndedMeanwhile()
    {
        Create("a");
        await using (var first = await ScriptedControlPlane.StartAsync())
        {
            first.RunListener(_cluster);
            var before = await first.ConnectionAsync("listener/pod");
            await before.ReceiveAsync<BackendMessage.UpdatePod>();
        }

        _nodes.Bind("a", "n1");
        _nodes.Run("a");
        _nodes.Finish("a");
        _controlPlane.RunListener(_cluster);
        var pods = await _controlPlane.ConnectionAsync("listener/pod");

        Assert.Equal(PodStatus.Completed, (await pods.ReceiveAsync<BackendMessage.UpdatePod>()).Status);
    }

    [Fact]
    public async Task Gateway_GoneWhilePodsFinish_GetsEveryEndInOrderOfEachPod()
    {
        const int Pods = 300;
        _controlPlane.RunListener(_cluster);
        var first = await _controlPlane.ConnectionAsync("listener/pod");
        await first.ReceiveInitAsync();
        for (var i = 0; i < Pods; i++)
        {
            Create($"p{i}");
        }

        first.Break();
        for (var i = 0; i < Pods; i++)
        {
            _nodes.Bind($"p{i}", "n1");
            _nodes.Run($"p{i}");
            _nodes.Finish($"p{i}", i % 2);
        }

        var second = await _controlPlane.ConnectionAsync("listener/pod");
        var last = new Dictionary<string, PodStatus>();
        var uuids = new HashSet<string>();
        while (last.Count(pair => pair.Value is PodStatus.Completed or PodStatus.Failed) < Pods)
        {
            var (message, uuid) = await second.ReceiveAsync();
            await second.AckAsync(uuid);
            Assert.True(uuids.Add(uuid));
            if (message is BackendMessage.UpdatePod update)
            {
                Assert.True(update.Status > last.GetValueOrDefault(update.TaskUuid), $"{update.TaskUuid}: {update.Status} after {last.GetValueOrDefault(update.TaskUuid)}");
                last[update.TaskUuid] = update.Status;
            }
        }

        Assert.All(Enumerable.Range(0, Pods), i => Assert.Equal(i % 2 == 0 ? PodStatus.Completed : PodStatus.Failed, last[$"task-p{i}"]));
    }

    [Fact]
    public async Task EventStream_ThatIsNeverAcknowledged_HoldsUpNoStatus()
    {
        const int Window = 10;
        const int Pods = OutgoingQueue.Capacity + Window + 100;
        for (var i = 0; i < Pods; i++)
        {
            Create($"p{i:D5}");
            _nodes.Unschedulable($"p{i:D5}", "no room");
        }

        using var cluster = Connect(_server, pageSize: 500);
        _controlPlane.RunListener(cluster, _controlPlane.Options with { MaxUnackedMessages = Window });
        var events = await _controlPlane.ConnectionAsync("listener/event");
        await events.ReceiveInitAsync();
        var pods = await _controlPlane.ConnectionAsync("listener/pod");
        var seen = new HashSet<string>();
        while (seen.Count < Pods)
        {
            seen.Add((await pods.ReceiveAsync<BackendMessage.UpdatePod>()).TaskUuid);
        }

        // What found no room is told with the next change, once there is some again.
        for (var i = 0; i < OutgoingQueue.Capacity; i++)
        {
            await events.ReceiveAsync<BackendMessage.PodConditions>();
        }

        var last = $"p{Pods - 1:D5}";
        _nodes.Change(last, pod => pod["status"]!["message"] = "still no room");
        Assert.Equal("no room", Assert.Single((await events.ReceiveAsync<BackendMessage.PodConditions>(told => told.TaskUuid == $"task-{last}")).Conditions).Message);
    }

    [Fact]
    public async Task Nodes_ComeAndGo_AreReportedWithTheirUsage()
    {
        _controlPlane.RunListener(_cluster);
        var nodes = await _controlPlane.ConnectionAsync("listener/node");
        Assert.Equal(("n1", true), (await nodes.ReceiveAsync<BackendMessage.Resource>()) is var found ? (found.Hostname, found.Available) : default);
        Assert.Equal("n1", Assert.Single((await nodes.ReceiveAsync<BackendMessage.NodeHash>()).NodeHashes));

        Create("a", """{"requests": {"cpu": "1500m", "nvidia.com/gpu": "2"} }""");
        _nodes.Bind("a", "n1");
        var usage = await nodes.ReceiveAsync<BackendMessage.ResourceUsage>(message => message.UsageFields["cpu"] != "0");
        Assert.Equal(("2", "2", "0"), (usage.UsageFields["cpu"], usage.UsageFields["nvidia.com/gpu"], usage.NonWorkflowUsageFields["cpu"]));
        _nodes.ChangeNode("n1", node => node["spec"]!["unschedulable"] = true);
        Assert.False((await nodes.ReceiveAsync<BackendMessage.Resource>()).Available);
        _nodes.AddNode("n2");
        Assert.Equal("n2", (await nodes.ReceiveAsync<BackendMessage.Resource>()).Hostname);
        _nodes.LoseNode("n2");
        Assert.Equal("n2", (await nodes.ReceiveAsync<BackendMessage.DeleteResource>()).ResourceName);
    }

    [Fact]
    public async Task Node_GoneWhileTheWatchWasAway_IsReportedGone()
    {
        _nodes.AddNode("n2");
        _controlPlane.RunListener(_cluster);
        var nodes = await _controlPlane.ConnectionAsync("listener/node");
        await nodes.ReceiveAsync<BackendMessage.NodeHash>();

        _server.Faults.IsDown = true;
        _server.BreakWatches();
        _nodes.LoseNode("n2");
        _server.Compact();
        _server.Faults.IsDown = false;

        Assert.Equal("n2", (await nodes.ReceiveAsync<BackendMessage.DeleteResource>()).ResourceName);
        Assert.Equal("n1", Assert.Single((await nodes.ReceiveAsync<BackendMessage.NodeHash>()).NodeHashes));
    }

    [Fact]
    public async Task VerifiedLabel_WhenWanted_FollowsAvailability()
    {
        _controlPlane.RunListener(_cluster, _controlPlane.Options with { EnableNodeLabelUpdate = true });
        var nodes = await _controlPlane.ConnectionAsync("listener/node");
        await nodes.ReceiveAsync<BackendMessage.Resource>(resource => resource.LabelFields.GetValueOrDefault("osmo.nvidia.com/verified") == "True");

        _nodes.ChangeNode("n1", node => node["spec"]!["unschedulable"] = true);

        await nodes.ReceiveAsync<BackendMessage.Resource>(resource => resource.LabelFields.GetValueOrDefault("osmo.nvidia.com/verified") == "False");
    }

    [Fact]
    public async Task VerifiedLabel_ThatIsRight_IsNotWritten()
    {
        const int Nodes = 50;
        for (var i = 0; i < Nodes; i++)
        {
            _nodes.AddNode($"right{i}", node => node["metadata"]!["labels"]!["osmo.nvidia.com/verified"] = "True");
            _nodes.AddNode($"wrong{i}", node => node["metadata"]!["labels"]!["osmo.nvidia.com/verified"] = "False");
        }

        _controlPlane.RunListener(_cluster, _controlPlane.Options with { EnableNodeLabelUpdate = true });
        var nodes = await _controlPlane.ConnectionAsync("listener/node");
        var written = new HashSet<string>();
        while (written.Count < Nodes)
        {
            var node = await nodes.ReceiveAsync<BackendMessage.Resource>(resource => resource.LabelFields.GetValueOrDefault("osmo.nvidia.com/verified") == "True");
            if (node.Hostname.StartsWith("wrong", StringComparison.Ordinal))
            {
                written.Add(node.Hostname);
            }
        }

        Assert.DoesNotContain(_server.Calls, call => call.Verb == "patch" && call.Name!.StartsWith("right", StringComparison.Ordinal));
    }

    [Fact]
    public async Task VerifiedLabel_ThatCannotBeWritten_HoldsUpNoReport()
    {
        using var held = _server.Faults.Hold(call => call.Verb == "patch");
        _controlPlane.RunListener(_cluster, _controlPlane.Options with { EnableNodeLabelUpdate = true });
        var nodes = await _controlPlane.ConnectionAsync("listener/node");

        await nodes.ReceiveAsync<BackendMessage.NodeHash>();
        _nodes.AddNode("n2");
        await nodes.ReceiveAsync<BackendMessage.Resource>(resource => resource.Hostname == "n2");
    }

    [Fact]
    public async Task Events_AfterALostWatch_AreNotSentAgain()
    {
        _nodes.Event("e1", "p", "Pulling", "one");
        _controlPlane.RunListener(_cluster);
        var events = await _controlPlane.ConnectionAsync("listener/event");
        Assert.Equal("one", (await events.ReceiveAsync<BackendMessage.PodEvent>()).Message);

        _server.BreakWatches();
        _server.Compact();
        _nodes.Event("e2", "s", "Made", "of a service", kind: "Service");
        _nodes.Event("e3", "p", "Pulled", "two");
        Assert.Equal("two", (await events.ReceiveAsync<BackendMessage.PodEvent>()).Message);

        _nodes.Event("e4", "g", "Evict", "Pod osmo/q was preempted", kind: "PodGroup", component: "kai-scheduler");
        Assert.Equal("q", (await events.ReceiveAsync<BackendMessage.PodEvent>()).PodName);
    }

    private static KubernetesCluster Connect(FakeKubernetes server, int pageSize = 10) => new(
        new ClusterAccess { Server = server.Url },
        new ApiClientOptions { PageSize = pageSize, RequestsPerSecond = 1000, Burst = 1000, RetryPause = TimeSpan.FromMilliseconds(1) },
        TimeProvider.System);

    private void Create(string name, string resources = "{}") => _server.Writes.Create(Resource.Pods, "osmo", JsonNode.Parse($$"""
        {"metadata": {"name": "{{name}}", "finalizers": ["osmo.nvidia.com/cleanup"],
                      "labels": {"osmo.workflow_uuid": "wf", "osmo.task_uuid": "task-{{name}}", "osmo.retry_id": "0"} },
         "spec": {"initContainers": [{"name": "osmo-init"}], "containers": [{"name": "user", "resources": {{resources}} }, {"name": "osmo-ctrl"}]} }
        """)!.AsObject());
}
