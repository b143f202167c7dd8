using System.Net.WebSockets;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Backend;
using Osmo.Testing;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>What an operator sends costs the gateway's log a bounded number of lines, however much it is.</summary>
public sealed class NoisyOperatorTests : IAsyncLifetime
{
    private const string Dropped = "Backend default sent a message that was dropped";

    private readonly ManualTime _time = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(_time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/api/agent/listener/pod/backend/default", """{"type":"new_in_7","body":{},"uuid":"u"}""", "type 'new_in_7' is unknown")]
    [InlineData("/api/agent/listener/pod/backend/default", """{"type":"update_pod","body":{},"uuid":"u"}""", "update_pod: ")]
    [InlineData("/api/agent/listener/pod/backend/default", """{"type":"job_status","body":{"status":"SUCCESS","message":null},"uuid":"u"}""", "job_status has no meaning")]
    [InlineData("/api/agent/listener/pod/backend/default", "none", "")]
    [InlineData("/api/agent/worker/backend/default", "none", "")]
    [InlineData("/api/agent/worker/backend/default", """{"type":"new_in_7","body":{},"uuid":"u"}""", "type 'new_in_7' is unknown")]
    [InlineData("/api/agent/worker/backend/default", """{"type":"heartbeat","body":{"time":"2026-11-22T00:00:00"},"uuid":"u"}""", "heartbeat has no meaning")]
    public async Task Messages_ThatAreDropped_AreSaidOnce_AndCountedInTheEnd(string path, string message, string said)
    {
        const int Messages = 300;
        var counted = _gateway.Logged.Said($"{Messages - 1} more");
        using var noisy = await Register(path);
        for (var n = 0; n < Messages; n++)
        {
            await noisy.SendText(message);
        }

        await noisy.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await counted;
        Assert.Equal(1, _gateway.Logged.Count(Dropped));
        Assert.Equal(1, _gateway.Logged.Count($"{Dropped}: {said}"));
    }

    [Fact]
    public async Task Messages_ThatAreDroppedForLong_AreSaidAndCountedEveryMinute()
    {
        using var noisy = await Register("/api/agent/listener/pod/backend/default");
        await Drop(noisy, 3);
        _time.Advance(TimeSpan.FromMinutes(1));
        var counted = _gateway.Logged.Said("2 more");
        await Drop(noisy, 1);
        await counted;
        Assert.Equal(2, _gateway.Logged.Count(Dropped));
    }

    [Theory]
    [InlineData("/api/agent/listener/pod/backend/default")]
    [InlineData("/api/agent/listener/control/backend/default")]
    [InlineData("/api/agent/worker/backend/default")]
    public async Task Lines_OfAnOperatorThatTalksTooMuch_AreCounted(string path)
    {
        var counted = _gateway.Logged.Said("400 more");
        using var noisy = await Register(path);
        for (var n = 0; n < 1000; n++)
        {
            await Send(noisy, new BackendMessage.Logging(LoggingLevel.Error, new string('x', 5000)), "u");
        }

        await noisy.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await counted;
        Assert.Equal(600, _gateway.Logged.Count("Operator of default: x"));
        Assert.Equal(0, _gateway.Logged.Count(new string('x', 2001)));
    }

    [Theory]
    [InlineData("/api/agent/listener/pod/backend/default")]
    [InlineData("/api/agent/worker/backend/default")]
    public async Task Messages_ThatAreNone_EndTheConnectionWhenTheyAreTooMany(string path)
    {
        using var noisy = await Register(path);
        for (var n = 0; n < 1000; n++)
        {
            await noisy.SendText("none");
        }

        Assert.Equal((1008, "1000 messages of this connection were none."), await noisy.ReceiveClose());
        Assert.Equal(1, _gateway.Logged.Count(Dropped));
    }

    private static async Task Drop(ClientWebSocket listener, int messages)
    {
        for (var n = 0; n < messages; n++)
        {
            await listener.SendText($$"""{"type":"new_in_7","body":{},"uuid":"{{n}}"}""");
            Assert.Equal($"{n}", (string?)(await listener.ReceiveJson(WebSocketMessageType.Text))["body"]!["uuid"]);
        }
    }

    private async Task<ClientWebSocket> Register(string path)
    {
        var socket = await _gateway.Connect(path, (WorkerFrame.ConnectionHeader, "w-1/1"));
        await Send(socket, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"), "init");
        return socket;
    }

    private static Task Send(ClientWebSocket socket, BackendMessage message, string uuid) => socket.SendText(BackendCodec.Encode(message, uuid));
}
