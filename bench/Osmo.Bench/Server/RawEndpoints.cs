using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Osmo.Bench.Server;

/// <summary>Bytes of the server's process after a full collection.</summary>
/// <param name="Heap">Live managed objects.</param>
/// <param name="Resident">All that is in memory.</param>
internal sealed record MemoryUse(long Heap, long Resident);

/// <summary>What the same Kestrel can do with no code of ours behind it, and what its process uses.</summary>
internal static class RawEndpoints
{
    public const string Empty = "/bench/empty";

    public const string Echo = "/bench/echo";

    public const string Memory = "/bench/memory";

    public static void Use(WebApplication app)
    {
        app.Map(Empty, branch => branch.Run(static _ => Task.CompletedTask));
        app.Map(Memory, branch => branch.Run(static context => context.Response.WriteAsync(JsonSerializer.Serialize(Measure()))));
        app.Map(Echo, branch => branch.UseWebSockets().Use(_ => Echoes));
    }

    private static MemoryUse Measure()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return new(GC.GetTotalMemory(forceFullCollection: false), process.WorkingSet64);
    }

    private static async Task Echoes(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var block = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(block.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
            {
                await socket.SendAsync(block.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
            }
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The load generator has what it wanted, and is gone.
        }
    }
}
