using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Listener;
using Osmo.BackendOperator.Tests.Local;
using Osmo.Protocol.Backend;
using PodStatus = Osmo.Protocol.Backend.PodStatus;
using Osmo.Testing;

namespace Osmo.BackendOperator.Tests.Listener;

/// <summary>The listener against a scripted control plane; contract: backend-protocol §4–§9.</summary>
public sealed class BackendListenerTests
{
    [Theory]
    [InlineData("listener/pod")]
    [InlineData("listener/node")]
    [InlineData("listener/event")]
    [InlineData("listener/heartbeat")]
    [InlineData("listener/control")]
    public async Task Connect_EveryStream_BeginsWithLogAndInit(string stream)
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.RunListener(machine.Cluster);

        var connection = await controlPlane.ConnectionAsync(stream);

        Assert.Equal(new BackendMessage.Init("uid-1", "osmo", "1.2.3", "prefix/"), await connection.ReceiveInitAsync());
        Assert.Equal("tester", connection.Headers["x-osmo-user"]);
    }

    [Fact]
    public async Task Connect_WithTokenFile_LogsInFirst()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "access-token\n");
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.RunListener(machine.Cluster, controlPlane.Options with { Credential = new OperatorCredential.TokenFile(file) });

        var connection = await controlPlane.ConnectionAsync("listener/pod");

        Assert.Equal("Bearer jwt-1", connection.Headers.Authorization);
        File.Delete(file);
    }

    [Fact]
    public async Task Reconnect_AfterBreak_ReplaysUnackedInOrderWithTheirUuids()
    {
        await using var machine = LocalMachine.ApiOnly();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await machine.CreateAsync(TaskPodDocument(name));
        }

        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.RunListener(machine.Cluster, controlPlane.Options with { MaxUnackedMessages = 2 });
        var first = await controlPlane.ConnectionAsync("listener/pod");
        await first.ReceiveInitAsync();
        var one = await first.ReceiveAsync();
        var two = await first.ReceiveAsync();
        await first.AckAsync(one.Uuid);
        var three = await first.ReceiveAsync();
        first.Break();

        var second = await controlPlane.ConnectionAsync("listener/pod");
        await second.ReceiveInitAsync();

        Assert.Equal((two.Uuid, three.Uuid), ((await second.ReceiveAsync()).Uuid, (await second.ReceiveAsync()).Uuid));
        await second.AckAsync(two.Uuid);
        var last = Assert.IsType<BackendMessage.UpdatePod>((await second.ReceiveAsync()).Message);
        Assert.Equal(4, new[] { one.Message, two.Message, three.Message, last }.Select(message => ((BackendMessage.UpdatePod)message).TaskUuid).Distinct().Count());
    }

    [Fact]
    public async Task Pod_FromPendingToEnd_IsReportedOncePerStatus()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.RunListener(machine.Cluster);
        var pods = await controlPlane.ConnectionAsync("listener/pod");
        await pods.ReceiveInitAsync();

        var pod = await machine.CreateAsync(TaskPodDocument("a", retry: 2));
        var scheduling = await pods.ReceiveAsync<BackendMessage.UpdatePod>();
        Assert.Equal(("wf-a", "task-a", 2, "user", PodStatus.Scheduling), (scheduling.WorkflowUuid, scheduling.TaskUuid, scheduling.RetryId, scheduling.Container, scheduling.Status));
        Assert.Equal((ScriptedControlPlane.Backend, null, null), (scheduling.Backend, scheduling.Node, scheduling.ExitCode));

        SetStatus(machine, pod, """{"phase": "Pending", "initContainerStatuses": [{"name": "osmo-init", "state": {"waiting": {"reason": "PodInitializing"}}}]}""", node: "n1");
        var monitor = Assert.IsType<BackendMessage.MonitorPod>(await Acked(pods));
        Assert.Equal(("wf-a", "task-a", 2), (monitor.WorkflowUuid, monitor.TaskUuid, monitor.RetryId));
        var initializing = Assert.IsType<BackendMessage.UpdatePod>(await Acked(pods));
        Assert.Equal((PodStatus.Initializing, "n1"), (initializing.Status, initializing.Node));

        SetStatus(machine, pod, """{"phase": "Running", "podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-08-01T12:00:00Z"}]}""");
        var running = Assert.IsType<BackendMessage.UpdatePod>(await Acked(pods));
        Assert.Equal((PodStatus.Running, "10.0.0.1"), (running.Status, running.PodIp));
        Assert.Equal("Ready", Assert.Single(running.Conditions).Type);
        SetStatus(machine, pod, """{"phase": "Running", "podIP": "10.0.0.1", "message": "nothing new"}""");

        SetStatus(machine, pod, """{"phase": "Failed", "containerStatuses": [{"name": "user", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]}""");
        var failed = Assert.IsType<BackendMessage.UpdatePod>(await Acked(pods));
        Assert.Equal((PodStatus.Failed, 3), (failed.Status, failed.ExitCode));
    }

    [Fact]
    public async Task Pod_OfSomebodyElse_IsOnlyCounted()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        await machine.CreateAsync(Pods.Running("plain", "true"));
        await machine.CreateAsync(TaskPodDocument("ours"));
        controlPlane.RunListener(machine.Cluster);
        var pods = await controlPlane.ConnectionAsync("listener/pod");
        await pods.ReceiveInitAsync();

        Assert.Equal("task-ours", Assert.IsType<BackendMessage.UpdatePod>(await Acked(pods)).TaskUuid);
    }

    [Fact]
    public async Task Pod_StuckByItsConfiguration_FailsAfterTenMinutesWithoutAnyEvent()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        var pod = await machine.CreateAsync(TaskPodDocument("a"));
        SetStatus(
            machine,
            pod,
            """
            {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-08-01T12:00:00Z"}],
             "containerStatuses": [{"name": "user", "state": {"waiting": {"reason": "CreateContainerConfigError", "message": "no secret"}}}]}
            """);
        controlPlane.RunListener(machine.Cluster, time: time);
        var pods = await controlPlane.ConnectionAsync("listener/pod");
        await pods.ReceiveInitAsync();
        Assert.Equal(PodStatus.Scheduling, Assert.IsType<BackendMessage.UpdatePod>(await Acked(pods)).Status);

        await time.TimerDueAt(time.GetUtcNow() + PodEvaluation.ConfigErrorPatience + TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromMinutes(11));

        var failed = await pods.ReceiveAsync<BackendMessage.UpdatePod>();
        Assert.Equal((PodStatus.FailedBackendError, 3001), (failed.Status, failed.ExitCode));
        Assert.Contains("no secret", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_AtStart_AreReportedThenUsageThenAllNames()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        await machine.CreateAsync(NodeDocument("n1"));
        controlPlane.RunListener(machine.Cluster);
        var nodes = await controlPlane.ConnectionAsync("listener/node");
        await nodes.ReceiveInitAsync();

        var resource = Assert.IsType<BackendMessage.Resource>(await Acked(nodes));
        Assert.Equal(("host-n1", true, "8"), (resource.Hostname, resource.Available, resource.AllocatableFields["cpu"]));
        Assert.Equal("host-n1", Assert.IsType<BackendMessage.ResourceUsage>(await Acked(nodes)).Hostname);
        Assert.Equal("host-n1", Assert.Single(Assert.IsType<BackendMessage.NodeHash>(await Acked(nodes)).NodeHashes));

        await machine.CreateAsync(NodeDocument("n2"));
        Assert.Equal("host-n2", Assert.IsType<BackendMessage.Resource>(await Acked(nodes)).Hostname);
        Assert.Equal("host-n2", Assert.IsType<BackendMessage.ResourceUsage>(await Acked(nodes)).Hostname);
        await machine.Cluster.DeleteAsync(new ObjectRef(ObjectKind.Node, null, "n2"), Cluster.DeleteOptions.Default, default);
        Assert.Equal("host-n2", Assert.IsType<BackendMessage.DeleteResource>(await Acked(nodes)).ResourceName);
    }

    [Fact]
    public async Task Control_NewRules_ReportTheNodesTheyChange()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        controlPlane.BackendConfig = """{"name": "b1", "node_conditions": {"rules": {"Disk": "False"}, "prefix": "x"}}""";
        await machine.CreateAsync(NodeDocument("n1"));
        controlPlane.RunListener(machine.Cluster);
        var nodes = await controlPlane.ConnectionAsync("listener/node");
        var control = await controlPlane.ConnectionAsync("listener/control");
        await nodes.ReceiveInitAsync();
        await control.ReceiveInitAsync();
        Assert.False((await nodes.ReceiveAsync<BackendMessage.Resource>()).Available);

        await control.SendAsync(new BackendMessage.NodeConditions(ImmutableDictionary<string, string>.Empty.Add("Disk", "True")));
        Assert.True((await nodes.ReceiveAsync<BackendMessage.Resource>()).Available);
        // Refused, so that the null after it changes nothing again.
        await control.SendAsync(new BackendMessage.NodeConditions(ImmutableDictionary<string, string>.Empty.Add("Ready", "False")));
        await control.SendAsync(new BackendMessage.NodeConditions(ImmutableDictionary<string, string>.Empty.Add("Disk", "Unknown")));
        Assert.False((await nodes.ReceiveAsync<BackendMessage.Resource>()).Available);
        await control.SendAsync(new BackendMessage.NodeConditions(null));
        Assert.True((await nodes.ReceiveAsync<BackendMessage.Resource>()).Available);
    }

    [Fact]
    public async Task Events_AboutPods_AreSentOnce()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        await machine.CreateAsync(EventDocument("e1", "Pod", "p", "Pulled", "done"));
        await machine.CreateAsync(EventDocument("e2", "Pod", "p", "Pulled", "done"));
        await machine.CreateAsync(EventDocument("e3", "Service", "s", "Made", "whatever"));
        controlPlane.RunListener(machine.Cluster);
        var events = await controlPlane.ConnectionAsync("listener/event");
        await events.ReceiveInitAsync();

        Assert.Equal(
            new BackendMessage.PodEvent("p", "Pulled", "done", new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero)),
            await Acked(events));
        await machine.CreateAsync(EventDocument("e4", "PodGroup", "g", "Evict", "Pod osmo/q was preempted for a better one"));
        Assert.Equal(("q", "Evict"), (await Acked(events)) is BackendMessage.PodEvent evicted ? (evicted.PodName, evicted.Reason) : default);
    }

    [Fact]
    public async Task Heartbeat_Always_ComesAtOnceAndWithTheClock()
    {
        await using var machine = LocalMachine.ApiOnly();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        controlPlane.RunListener(machine.Cluster, time: time);
        var heartbeat = await controlPlane.ConnectionAsync("listener/heartbeat");
        await heartbeat.ReceiveInitAsync();
        Assert.Equal(time.GetUtcNow(), (await heartbeat.ReceiveAsync<BackendMessage.Heartbeat>()).Time);

        time.Advance(BackendLimits.ListenerHeartbeatPeriod);

        Assert.Equal(time.GetUtcNow(), (await heartbeat.ReceiveAsync<BackendMessage.Heartbeat>()).Time);
    }

    private static async Task<BackendMessage> Acked(PeerConnection connection)
    {
        var (message, uuid) = await connection.ReceiveAsync();
        await connection.AckAsync(uuid);
        return message;
    }

    private static void SetStatus(LocalMachine machine, KubernetesObject pod, string status, string? node = null) =>
        machine.Cluster.Store.Update(pod.Ref, document =>
        {
            document["status"] = JsonNode.Parse(status);
            if (node is not null)
            {
                document["spec"]!["nodeName"] = node;
            }
        });

    private static JsonObject TaskPodDocument(string name, int retry = 0)
    {
        var document = Pods.Running(name, "true");
        document["metadata"]!["labels"] = new JsonObject
        {
            ["osmo.workflow_uuid"] = $"wf-{name}",
            ["osmo.task_uuid"] = $"task-{name}",
            ["osmo.retry_id"] = retry.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        return document;
    }

    private static JsonNode NodeDocument(string name) => JsonNode.Parse($$"""
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "{{name}}", "labels": {"kubernetes.io/hostname": "host-{{name}}"} },
         "status": {"allocatable": {"cpu": "8"}, "conditions": [{"type": "Ready", "status": "True"}, {"type": "Disk", "status": "True"}]} }
        """)!;

    private static JsonNode EventDocument(string name, string kind, string about, string reason, string message) => JsonNode.Parse($$"""
        {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "{{name}}", "namespace": "osmo"},
         "involvedObject": {"kind": "{{kind}}", "name": "{{about}}"}, "source": {"component": "kai-scheduler"},
         "type": "Normal", "reason": "{{reason}}", "message": "{{message}}", "lastTimestamp": "2026-08-01T12:00:00Z"}
        """)!;
}
