using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>What a scripted worker does.</summary>
internal static class WorkerScript
{
    /// <summary>Connects as a worker of ours does, which says which connection this is. It has had its first heartbeat.</summary>
    public static Task<ClientWebSocket> ConnectOwn(TestGateway gateway, params (string Name, string Value)[] headers) =>
        Connect(gateway, [.. headers, .. headers.Any(header => header.Name == WorkerFrame.ConnectionHeader) ? [] : new[] { (WorkerFrame.ConnectionHeader, "w-1/1") }]);

    /// <summary>Connects with these headers only.</summary>
    public static async Task<ClientWebSocket> Connect(TestGateway gateway, params (string Name, string Value)[] headers)
    {
        var worker = await gateway.Connect("/api/agent/worker/backend/default", headers);
        await Send(worker, new BackendMessage.Logging(LoggingLevel.Debug, "hello"));
        await Send(worker, new BackendMessage.Init("uid", "osmo", "6.4.0", "osmo.nvidia.com/"));
        Assert.Equal(WebSocketMessageType.Text, (await worker.Receive()).Type);
        return worker;
    }

    /// <summary>The next job, whatever heartbeats come before.</summary>
    public static async Task<JsonObject> ReceiveJob(ClientWebSocket worker)
    {
        var (type, frame) = await worker.Receive();
        while (type == WebSocketMessageType.Text)
        {
            Assert.IsType<WorkerFrame.Heartbeat>(WorkerFrame.Decode(frame, isBinary: false));
            (type, frame) = await worker.Receive();
        }

        Assert.Equal(WebSocketMessageType.Binary, type);
        return Assert.IsType<WorkerFrame.Job>(WorkerFrame.Decode(frame, isBinary: true)).Document;
    }

    public static Task Answer(ClientWebSocket worker, JobOutcome outcome, string? message = null) =>
        Send(worker, new BackendMessage.JobStatus(outcome, message));

    public static Task Send(ClientWebSocket worker, BackendMessage message) =>
        worker.SendText(BackendCodec.Encode(message, Guid.NewGuid().ToString("N")));
}
