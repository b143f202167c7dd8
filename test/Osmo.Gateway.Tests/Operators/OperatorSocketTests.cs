using System.Collections.Immutable;
using System.Net.WebSockets;
using System.Runtime.Serialization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Tests.Operators;

public sealed class OperatorSocketTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private TestGateway _gateway = null!;
    private string _uuid = "";
    private string _taskUuid = "";

    private FakeBackend Backend => _gateway.Backend("default");

    private FakeWorkflow Workflow => _gateway.Workflow(_uuid);

    private FakeLog Log => _gateway.Log(_uuid);

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start();
        var stored = GoldenExchange.Single("workflow-query-completed").Body!.DeepClone();
        (stored["status"], stored["end_time"]) = ("RUNNING", null);
        (stored["groups"]![0]!["tasks"]![0]!["status"], stored["groups"]![0]!["tasks"]![0]!["end_time"]) = ("RUNNING", null);
        _uuid = (string)stored["uuid"]!;
        _taskUuid = (string)stored["groups"]![0]!["tasks"]![0]!["task_uuid"]!;
        await GoldenWorkflow.Store(_gateway, stored);
    }

    public static TheoryData<Exception> FaultsOfTheService => new(
        new TimeoutException("No answer."),
        new StateStoreException("The database is busy.", isTransient: true),
        new StateStoreException("The disk is full.", isTransient: false),
        StorageFailures.Portable(),
        new InvalidOperationException("The call failed.", new StateStoreException("The disk is full.", isTransient: false)));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Listener_LogsThenInit_IsRegistered()
    {
        using var listener = await Listen("pod");
        await Acknowledged(listener, Pod("RUNNING"));
        Assert.Equal(new RegisterBackend("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), Assert.Single(Backend.Registered));
    }

    [Fact]
    public async Task Listener_WithoutInit_IsClosedInTime()
    {
        await using var gateway = await TestGateway.Start(("Osmo:Gateway:OperatorInitTimeout", "00:00:01"));
        using var listener = await gateway.Connect("/api/agent/listener/pod/backend/default");
        var (code, reason) = await listener.ReceiveClose();
        Assert.Equal(1008, code);
        Assert.StartsWith("No init within", reason);
    }

    [Fact]
    public async Task Listener_WithAnythingElseFirst_IsClosed()
    {
        using var listener = await _gateway.Connect("/api/agent/listener/pod/backend/default");
        await Send(listener, Pod("RUNNING"), "u1");
        Assert.Equal((1008, "The first message must be init, not update_pod."), await listener.ReceiveClose());
        Assert.Empty(Workflow.Reported);
    }

    [Fact]
    public async Task Listener_OfAnotherCluster_IsClosed()
    {
        Backend.RegisterAs = RegisterBackendResult.OtherCluster;
        using var listener = await Listen("node");
        Assert.Equal((1008, "Backend default is already being used by a different cluster."), await listener.ReceiveClose());
    }

    [Fact]
    public async Task Listener_TheServiceStops_IsToldToConnectAgain()
    {
        using var listener = await Listen("pod");
        await Acknowledged(listener, Pod("RUNNING"));
        _gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal((1001, "The service is stopping."), await listener.ReceiveClose());
    }

    [Fact]
    public async Task PodReport_IsAcknowledgedOnlyWhenItIsDurable()
    {
        var applying = new TaskCompletionSource();
        var mayApply = new TaskCompletionSource();
        Workflow.OnReport = _ =>
        {
            applying.TrySetResult();
            return mayApply.Task;
        };
        using var listener = await Listen("pod");
        await Send(listener, Pod("RUNNING"), "u1");
        var answer = listener.Receive();
        await applying.Task.Soon();
        Assert.False(answer.IsCompleted);
        mayApply.SetResult();
        Assert.Equal("u1", (string?)JsonNode.Parse((await answer.Soon()).Bytes)!["body"]!["uuid"]);
        Assert.Equal(
            new PodReport.StatusChanged(_taskUuid, 0, "", "RUNNING", null, "node-1", "10.0.0.1"), Assert.Single(Workflow.Reported));
    }

    [Fact]
    public async Task PodReports_OfASlowWorkflow_DelayNoOther_AndStayInOrder()
    {
        var mayApply = new TaskCompletionSource();
        Workflow.OnReport = _ => mayApply.Task;
        using var listener = await Listen("pod");
        await Send(listener, Pod("SCHEDULING"), "slow-1");
        await Send(listener, Pod("INITIALIZING"), "slow-2");
        await Send(listener, Pod("RUNNING"), "slow-3");
        var other = new string('e', 32);
        await Acknowledged(listener, Pod("RUNNING") with { WorkflowUuid = other });
        Assert.Single(_gateway.Workflow(other).Reported);

        mayApply.SetResult();
        Assert.Equal(["slow-1", "slow-2", "slow-3"], await Acknowledgements(listener, 3));
        Assert.Equal(
            ["SCHEDULING", "INITIALIZING", "RUNNING"], Workflow.Reported.Cast<PodReport.StatusChanged>().Select(report => report.Status));
    }

    [Fact]
    public async Task PodReports_ThatPileUp_AreAppliedInOneCall()
    {
        var mayApply = new TaskCompletionSource();
        var calls = 0;
        Workflow.OnReport = _ =>
        {
            calls++;
            return mayApply.Task;
        };
        using var listener = await Listen("pod");
        for (var n = 0; n < 20; n++)
        {
            await Send(listener, new BackendMessage.MonitorPod(_uuid, _taskUuid, n), $"u{n}");
        }

        // Messages are read in order, so those before this one have been read.
        await Acknowledged(listener, Pod("RUNNING") with { WorkflowUuid = new string('e', 32) });
        mayApply.SetResult();
        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"u{n}"), await Acknowledgements(listener, 20));
        Assert.Equal(2, calls);
        Assert.Equal(Enumerable.Range(0, 20), Workflow.Reported.Select(report => report.RetryId));
    }

    [Theory]
    [MemberData(nameof(FaultsOfTheService))]
    public async Task PodReport_ThatCannotBeStored_EndsTheConnectionUnacknowledged(Exception fault)
    {
        Workflow.OnReport = _ => throw fault;
        using var listener = await Listen("pod");
        await Send(listener, Pod("RUNNING"), "u1");
        var (type, _) = await listener.Receive();
        Assert.Equal(WebSocketMessageType.Close, type);
        Assert.Equal(1011, (int)listener.CloseStatus!);
    }

    [Fact]
    public async Task PodReport_OfADocumentThatThisVersionCannotRead_IsKeptByTheOperator_AndHoldsUpNoOther()
    {
        var applying = new TaskCompletionSource();
        Workflow.OnReport = _ =>
        {
            applying.TrySetResult();
            throw new SerializationException("The Workflow row is no WorkflowHead of this version.");
        };
        using var listener = await Listen("pod");
        await Send(listener, Pod("RUNNING"), "u1");
        await applying.Task.Soon();

        var other = Pod("RUNNING") with { WorkflowUuid = new string('e', 32) };
        await Send(listener, other, "u2");
        await Send(listener, other, "u3");
        Assert.Equal(["u2", "u3"], await Acknowledgements(listener, 2));
    }

    [Fact]
    public async Task PodReport_ThatIsImpossible_TakesNoOtherOfItsBatchWithIt()
    {
        var mayApply = new TaskCompletionSource();
        Workflow.OnReport = async reports =>
        {
            await mayApply.Task;
            if (reports.Any(report => report.RetryId == 2))
            {
                throw new InvalidOperationException("A defect.");
            }
        };
        using var listener = await Listen("pod");
        for (var n = 0; n < 5; n++)
        {
            await Send(listener, new BackendMessage.MonitorPod(_uuid, _taskUuid, n), $"u{n}");
        }

        // Messages are read in order, so those before this one have been read.
        await Acknowledged(listener, Pod("RUNNING") with { WorkflowUuid = new string('e', 32) });
        mayApply.SetResult();
        Assert.Equal(["u0", "u1", "u2", "u3", "u4"], await Acknowledgements(listener, 5));
        Assert.Equal([0, 1, 3, 4], Workflow.Reported.Select(report => report.RetryId).Distinct());
    }

    [Fact]
    public async Task PodReport_ThatIsImpossible_IsAcknowledgedAndTheConnectionKept()
    {
        Workflow.OnReport = _ => throw new InvalidOperationException("A defect.");
        using var listener = await Listen("pod");
        await Acknowledged(listener, Pod("RUNNING"));
        Workflow.OnReport = _ => Task.CompletedTask;
        await Acknowledged(listener, Pod("COMPLETED"));
        Assert.Single(Workflow.Reported);
    }

    [Theory]
    [InlineData("""{"type":"update_pod","body":{"nonsense":1},"uuid":"bad"}""")]
    [InlineData("""{"type":"something_new","body":{},"uuid":"bad"}""")]
    [InlineData("""{"type":"job_status","body":{"status":"SUCCESS","message":null},"uuid":"bad"}""")]
    public async Task Message_ThatMeansNothing_IsAcknowledgedAndTheConnectionKept(string text)
    {
        using var listener = await Listen("pod");
        await listener.SendText("not even JSON");
        await listener.SendText(text);
        Assert.Equal(["bad"], await Acknowledgements(listener, 1));
        await Acknowledged(listener, Pod("RUNNING"));
    }

    [Fact]
    public async Task PodConditions_BecomeEventLines_WithoutWhatSaysNothing()
    {
        using var listener = await Listen("event");
        await Acknowledged(listener, new BackendMessage.PodConditions(_uuid, _taskUuid, 1,
        [
            new("Unschedulable", "0/3 nodes\nare available", Noon.AddSeconds(2), "False", "PodScheduled"),
            new(null, null, Noon, "True", "Initialized"),
            new(null, null, Noon, "False", "Ready"),
            new(null, null, Noon, "True", "ContainersReady"),
        ]));
        Assert.Equal(
            "2026-08-01 12:00:00+00:00 [hello retry-1] Initialized: True\n"
            + "2026-08-01 12:00:02+00:00 [hello retry-1] PodScheduled: False, Reason: Unschedulable, Message: 0/3 nodes are available\n",
            Log.Text);
        var append = Assert.Single(Log.Appended);
        Assert.Equal((LogStream.Events, "hello", 1, 2), (append.Stream, append.Task, append.RetryId, append.LineCount));
    }

    [Fact]
    public async Task PodEvent_IsFoundByItsPodsName()
    {
        using var listener = await Listen("event");
        await Acknowledged(
            listener, new BackendMessage.PodEvent(TaskDocument.PodName(_uuid, _taskUuid), "Scheduled", "Successfully assigned", Noon));
        await Acknowledged(listener, new BackendMessage.PodEvent("coredns-1", "Killing", "Stopping container", Noon));
        Assert.Equal("2026-08-01 12:00:00+00:00 [hello] Scheduled: Successfully assigned\n", Log.Text);
    }

    [Fact]
    public async Task PodEvent_AfterConditionsOfARetry_IsOneOfTheRetry()
    {
        using var listener = await Listen("event");
        var pod = TaskDocument.PodName(_uuid, _taskUuid);
        await Acknowledged(listener, new BackendMessage.PodEvent(pod, "Killing", "Stopping container", Noon));
        await Acknowledged(listener, new BackendMessage.PodConditions(_uuid, _taskUuid, 1, []));
        await Acknowledged(listener, new BackendMessage.PodEvent(pod, "Scheduled", "Successfully assigned", Noon));
        Assert.Equal(
            "2026-08-01 12:00:00+00:00 [hello] Killing: Stopping container\n"
            + "2026-08-01 12:00:00+00:00 [hello retry-1] Scheduled: Successfully assigned\n",
            Log.Text);
    }

    [Fact]
    public async Task Conditions_OfAnUnknownTask_AreAcknowledged()
    {
        using var listener = await Listen("event");
        await Acknowledged(listener, new BackendMessage.PodConditions(new string('a', 32), new string('b', 32), 0, []));
    }

    [Fact]
    public async Task Nodes_AreReportedInOrder_AndWorkflowsLearnOfThoseThatGo()
    {
        var document = new NodeDocument { Backend = "default", Hostname = "fake-node-1" };
        await _gateway.Put(new RowKey(RowKind.Node, "default", "fake-node-1"), document, DocumentJson.Default.NodeDocument);
        using var listener = await Listen("node");
        await Acknowledged(listener, new BackendMessage.Resource(
            "node-2", true, ["Ready"], ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, string>.Empty.Add("cpu", "8"),
            ImmutableDictionary<string, string>.Empty, []));
        await Acknowledged(listener, new BackendMessage.ResourceUsage(
            "node-2", ImmutableDictionary<string, string>.Empty.Add("cpu", "1"), ImmutableDictionary<string, string>.Empty));
        await Acknowledged(listener, new BackendMessage.NodeHash(["node-2"]));
        Assert.Equal(["fake-node-1"], Workflow.RemovedNodes);
        await Acknowledged(listener, new BackendMessage.DeleteResource("fake-node-1"));
        Assert.Equal(["fake-node-1", "fake-node-1"], Workflow.RemovedNodes);

        Assert.Collection(
            Backend.Nodes,
            report =>
                Assert.Equal("8", (string?)JsonNode.Parse(((NodeReport.ResourceChanged)report).Resource)!["allocatable_fields"]!["cpu"]),
            report => Assert.Equal("1", (string?)JsonNode.Parse(((NodeReport.UsageChanged)report).Usage)!["usage_fields"]!["cpu"]),
            report => Assert.Equal<string>(["node-2"], ((NodeReport.All)report).Hostnames),
            report => Assert.Equal("fake-node-1", ((NodeReport.Removed)report).Hostname));
    }

    [Fact]
    public async Task Heartbeat_IsTakenByOurClock()
    {
        using var listener = await Listen("heartbeat");
        await Acknowledged(listener, new BackendMessage.Heartbeat(Noon));
        Assert.Equal(1, Backend.Heartbeats);
    }

    [Fact]
    public async Task Control_SendsRulesAtOnceAndWhenTheyChange_ButNoneAgainstReady()
    {
        using var control = await _gateway.Connect("/api/agent/listener/control/backend/default");
        var first = await control.ReceiveJson(WebSocketMessageType.Text);
        Assert.Equal("""{"type":"node_conditions","body":{"rules":{"Ready":"True"}}}""", Without(first, "uuid"));
        Backend.Publish(
            new NodeConditionRules(2, ImmutableDictionary<string, string>.Empty.Add("^Rea.*$", "Unknown").Add("DiskPressure", "False")));
        var second = await control.ReceiveJson(WebSocketMessageType.Text);
        Assert.Equal("""{"type":"node_conditions","body":{"rules":{"DiskPressure":"False"}}}""", Without(second, "uuid"));
    }

    [Fact]
    public async Task Backend_Unknown_Is404_AndKnownHasTheRecordedShape()
    {
        var golden = GoldenExchange.Single("raw-api-configs-backend-default");
        Assert.Equal(404, (await _gateway.Json(golden.Method, golden.Path)).Status);
        await _gateway.Put(
            new RowKey(RowKind.Backend, "default"),
            new BackendDocument
            {
                Name = "default",
                KubernetesUid = (string)golden.Body!["k8s_uid"]!,
                Namespace = "default",
                Version = "6.4.0",
                NodeConditionPrefix = "osmo.nvidia.com/",
                CreatedDate = new DateTime(2026, 11, 21, 20, 18, 45, DateTimeKind.Utc).AddMicroseconds(550394),
                LastHeartbeat = DateTime.UtcNow,
            },
            DocumentJson.Default.BackendDocument);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(200, status);
        JsonAssert.SameShape(golden.Body, body);
        Assert.True((bool)body!["online"]!);
        Assert.Equal((string?)golden.Body["created_date"], (string?)body["created_date"]);
    }

    private Task<ClientWebSocket> Listen(string stream) => Register($"/api/agent/listener/{stream}/backend/default");

    private async Task<ClientWebSocket> Register(string path)
    {
        var socket = await _gateway.Connect(path);
        await Send(socket, new BackendMessage.Logging(LoggingLevel.Info, "successfully connected"), "log");
        await Send(socket, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init");
        return socket;
    }

    private BackendMessage.UpdatePod Pod(string status) => new(
        _uuid, _taskUuid, 0, "hello", "node-1", "10.0.0.1", "", Enum.Parse<PodStatus>(
            status.Replace("_", "", StringComparison.Ordinal), ignoreCase: true), null, "default", []);

    private static Task Send(ClientWebSocket socket, BackendMessage message, string uuid) =>
        socket.SendText(BackendCodec.Encode(message, uuid));

    private static async Task Acknowledged(ClientWebSocket socket, BackendMessage message)
    {
        var uuid = Guid.NewGuid().ToString("N");
        await Send(socket, message, uuid);
        Assert.Equal([uuid], await Acknowledgements(socket, 1));
    }

    private static async Task<List<string>> Acknowledgements(ClientWebSocket socket, int count)
    {
        var uuids = new List<string>();
        while (uuids.Count < count)
        {
            var ack = await socket.ReceiveJson(WebSocketMessageType.Text);
            Assert.Equal(["type", "body", "uuid"], ack.Select(member => member.Key));
            Assert.Equal("ack", (string?)ack["type"]);
            uuids.Add((string)ack["body"]!["uuid"]!);
        }

        return uuids;
    }

    private static string Without(JsonObject json, string member)
    {
        json.Remove(member);
        return json.ToJsonString();
    }
}
