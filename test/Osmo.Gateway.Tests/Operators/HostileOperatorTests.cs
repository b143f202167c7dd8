using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>Operators that are broken or mean harm: each harms only itself (contract: backend-protocol §4, §5, §7).</summary>
public sealed class HostileOperatorTests : IAsyncLifetime
{
    /// <summary>Pings are a second apart; only on a machine that has no time does their absence take long to show.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string WorkflowUuid = new('a', 32);

    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/api/agent/listener/pod/backend/default")]
    [InlineData("/api/agent/worker/backend/default")]
    public async Task Frame_AboveTheLimit_EndsItsConnectionOnly(string path)
    {
        using var innocent = await Register("/api/agent/listener/pod/backend/other");
        using var hostile = await Register(path);
        var logged = _gateway.Logged.Said("connection of backend default was ended");

        // The gateway may hang up before all of it is sent.
        var sending = hostile.SendAsync(new byte[BackendLimits.FrameBytesMax + 1], WebSocketMessageType.Text, true, CancellationToken.None);

        Assert.Equal(1009, (await hostile.ReceiveClose()).Code);
        await logged;
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await Acknowledged(innocent, Pod("other"));
    }

    [Theory]
    [InlineData("/api/agent/listener/node/backend/default")]
    [InlineData("/api/agent/worker/backend/default")]
    public async Task Result_BeforeInit_IsClosed(string path)
    {
        using var hostile = await _gateway.Connect(path);

        await Send(hostile, new BackendMessage.JobStatus(JobOutcome.Success), "u");

        Assert.Equal((1008, "The first message must be init, not job_status."), await hostile.ReceiveClose());
        Assert.Empty(_gateway.Backend("default").Registered);
    }

    [Fact]
    public async Task PodReport_InTheNameOfAnotherBackend_IsDroppedAndSaid()
    {
        using var hostile = await Register("/api/agent/listener/pod/backend/default");
        var logged = _gateway.Logged.Said("names the backend 'other'");

        await Acknowledged(hostile, Pod("other"));

        await logged;
        Assert.Empty(_gateway.Workflow(WorkflowUuid).Reported);
        await Acknowledged(hostile, Pod("default"));
        Assert.Single(_gateway.Workflow(WorkflowUuid).Reported);
        Assert.Equal("default", _gateway.Workflow(WorkflowUuid).ReportedBy);
    }

    [Fact]
    public async Task Conditions_OfAnotherBackendsPod_AreOfNobody()
    {
        var stored = GoldenExchange.Single("workflow-query-failed").Body!;
        await GoldenWorkflow.Store(_gateway, stored);
        var (uuid, task) = ((string)stored["uuid"]!, (string)stored["groups"]![0]!["tasks"]![0]!["task_uuid"]!);
        BackendMessage conditions = new BackendMessage.PodConditions(
            uuid, task, 0, [new(null, null, DateTimeOffset.UnixEpoch.AddYears(60), "True", "PodScheduled")]);
        using var hostile = await Register("/api/agent/listener/event/backend/other");
        var logged = _gateway.Logged.Said("which is unknown");

        await Acknowledged(hostile, conditions);
        await Acknowledged(hostile, new BackendMessage.PodEvent(Osmo.Workflows.Documents.TaskDocument.PodName(uuid, task), "Pulled", "done", DateTimeOffset.UnixEpoch));

        await logged;
        Assert.Empty(_gateway.Log(uuid).Appended);
        using var own = await Register($"/api/agent/listener/event/backend/{stored["backend"]}");
        await Acknowledged(own, conditions);
        Assert.NotEmpty(_gateway.Log(uuid).Appended);
    }

    [Theory]
    [InlineData("uuid")]
    [InlineData("name")]
    public async Task Conditions_OfAnotherBackendsWorkflowAndAnOwnTask_AreOfNobody(string named)
    {
        var (own, others) = (GoldenExchange.Single("workflow-query-failed").Body!, GoldenExchange.Single("workflow-query-completed").Body!.DeepClone());
        others["backend"] = "other";
        await GoldenWorkflow.Store(_gateway, own);
        await GoldenWorkflow.Store(_gateway, others);
        var (uuid, task) = ((string)own["uuid"]!, (string)own["groups"]![0]!["tasks"]![0]!["task_uuid"]!);
        var conditions = new BackendMessage.PodConditions(
            uuid, task, 0, [new(null, null, DateTimeOffset.UnixEpoch.AddYears(60), "True", "PodScheduled")]);
        using var hostile = await Register($"/api/agent/listener/event/backend/{own["backend"]}");
        await Acknowledged(hostile, conditions);
        Assert.NotEmpty(_gateway.Log(uuid).Appended);
        var logged = _gateway.Logged.Said("which is unknown");

        await Acknowledged(hostile, conditions with { WorkflowUuid = (string)others[named]! });

        Assert.Empty(_gateway.Log((string)others[named]!).Appended);
        await logged;
    }

    [Fact]
    public async Task Conditions_OfAWorkflowByItsId_AreOfNobody()
    {
        var own = GoldenExchange.Single("workflow-query-failed").Body!;
        await GoldenWorkflow.Store(_gateway, own);
        var (id, task) = ((string)own["name"]!, (string)own["groups"]![0]!["tasks"]![0]!["task_uuid"]!);
        using var hostile = await Register($"/api/agent/listener/event/backend/{own["backend"]}");
        var logged = _gateway.Logged.Said("which is unknown");

        // Logs are kept by uuid; under an id nobody would ever read or remove one.
        await Acknowledged(hostile, new BackendMessage.PodConditions(id, task, 0, [new(null, null, DateTimeOffset.UnixEpoch.AddYears(60), "True", "PodScheduled")]));

        Assert.Empty(_gateway.Log(id).Appended);
        await logged;
    }

    [Fact]
    public async Task Listener_ThatNoLongerAnswers_LosesItsConnection()
    {
        await using var gateway = await TestGateway.Start(("Osmo:Gateway:PingPeriod", "00:00:01"));
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var meters = Connections(gateway, change =>
        {
            if (change < 0)
            {
                lost.TrySetResult();
            }
        });
        using var silent = await gateway.Connect("/api/agent/listener/pod/backend/default");
        await Send(silent, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init");

        await lost.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Clock_OffByAnHour_ChangesNothing(int hours)
    {
        using var heartbeat = await Register("/api/agent/listener/heartbeat/backend/default");

        await Acknowledged(heartbeat, new BackendMessage.Heartbeat(DateTimeOffset.UtcNow.AddHours(hours)));

        Assert.Equal(1, _gateway.Backend("default").Heartbeats);
    }

    [Fact]
    public async Task Worker_ThatNoLongerAnswers_LosesItsConnection()
    {
        await using var gateway = await TestGateway.Start(("Osmo:Gateway:PingPeriod", "00:00:01"));
        // A client that does not read answers no pings either: to the gateway, a host that has lost its power.
        using var silent = await gateway.Connect("/api/agent/worker/backend/default");
        await Send(silent, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init");

        Assert.NotEmpty(await gateway.Backend("default").SessionsEnded.Reader.ReadAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Worker_ThatSendsReports_IsHeardAndKept()
    {
        using var worker = await Register("/api/agent/worker/backend/default");
        var logged = _gateway.Logged.Said("update_pod has no meaning on a worker's connection");
        await Send(worker, Pod("default"), "u");
        await logged;
        Assert.Empty(_gateway.Workflow(WorkflowUuid).Reported);
    }

    [Fact]
    public async Task Frames_OfAnyShape_DoNotEndTheConnection_WhileTheyAreFew()
    {
        using var listener = await Register("/api/agent/listener/pod/backend/default");
        var random = new Random(20261122);
        var sound = BackendCodec.Encode(Pod("default"), "u").ToArray();
        for (var n = 0; n < 500; n++)
        {
            var frame = sound.ToArray();
            for (var flips = random.Next(1, 8); flips > 0; flips--)
            {
                frame[random.Next(frame.Length)] = (byte)random.Next(0x20, 0x7f);
            }

            await listener.SendText(frame.AsMemory(0, random.Next(2) == 0 ? frame.Length : random.Next(frame.Length)));
        }

        await Send(listener, Pod("default"), "the last");
        while ((string?)(await listener.ReceiveJson(WebSocketMessageType.Text))["body"]!["uuid"] != "the last")
        {
        }
    }

    private static MeterListener Connections(TestGateway gateway, Action<int> changed)
    {
        var factory = gateway.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == "osmo.gateway.operator.connections")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, change, _, _) => changed(change));
        listener.Start();
        return listener;
    }

    private async Task<ClientWebSocket> Register(string path)
    {
        var socket = await _gateway.Connect(path);
        await Send(socket, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init");
        return socket;
    }

    private static BackendMessage.UpdatePod Pod(string backend) =>
        new(WorkflowUuid, new string('b', 32), 0, "user", "node-1", null, "", PodStatus.Running, null, backend, []);

    private static Task Send(ClientWebSocket socket, BackendMessage message, string uuid) => socket.SendText(BackendCodec.Encode(message, uuid));

    private static async Task Acknowledged(ClientWebSocket socket, BackendMessage message)
    {
        var uuid = Guid.NewGuid().ToString("N");
        await Send(socket, message, uuid);
        var ack = await socket.ReceiveJson(WebSocketMessageType.Text);
        Assert.Equal(uuid, (string?)ack["body"]!["uuid"]);
    }
}
