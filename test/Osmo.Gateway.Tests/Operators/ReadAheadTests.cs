using System.Text;
using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>A gateway that waits for storage is alive all the same (contract: backend-protocol §2).</summary>
public sealed class ReadAheadTests : IAsyncLifetime
{
    private static readonly string Uuid = new('a', 32);

    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(("Osmo:Gateway:PingPeriod", "00:10:00"));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Ping_IsAnswered_WhileMoreReportsThanTheWindowWait_AndNoneIsLost()
    {
        const int Window = 2000;
        var storing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gateway.Workflow(Uuid).OnReport = _ => storing.Task;
        using var listener = await RawSocket.Connect(_gateway.Client.BaseAddress!, "/api/agent/listener/pod/backend/default");
        await listener.Send(RawSocket.Text, BackendCodec.Encode(new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init"));
        for (var n = 0; n < Window; n++)
        {
            await listener.Send(RawSocket.Text, BackendCodec.Encode(Pod(n), $"{n}"));
        }

        await listener.Send(RawSocket.Ping, "still there?"u8.ToArray());
        var (opcode, payload) = await listener.Receive();
        Assert.Equal((RawSocket.Pong, "still there?"), (opcode, Encoding.UTF8.GetString(payload)));

        storing.SetResult();
        for (var n = 0; n < Window; n++)
        {
            Assert.Equal($"{n}", (string?)JsonNode.Parse((await listener.Receive()).Payload)!["body"]!["uuid"]);
        }

        Assert.Equal(Window, _gateway.Workflow(Uuid).Reported.Count);
    }

    private static BackendMessage.UpdatePod Pod(int retry) =>
        new(Uuid, new string('b', 32), retry, "user", "node-1", null, "", PodStatus.Running, null, "default", []);
}
