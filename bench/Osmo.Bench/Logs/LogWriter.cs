using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Osmo.Bench.Load;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;
using Osmo.Protocol.Runtime;

namespace Osmo.Bench.Logs;

/// <summary>The runtime of one task, as far as its lines go: it writes on, as long as not too many wait for their acknowledgement.</summary>
internal sealed class LogWriter(int window) : IDisposable
{
    /// <summary>Lines of one frame; a command that writes much fills the runtime's pipe about so.</summary>
    private const int LinesPerFrame = 64;

    private const int FrameBytesMax = 64 << 10;

    private const string TaskName = "task-0";

    private const string RefreshTokenFile = ".refresh_token";

    private static readonly string Text = string.Concat(Enumerable.Repeat("a line of a log, ", 6));

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentQueue<(long Lines, long Sent)> _open = new();
    private readonly SemaphoreSlim _room = new(window / LinesPerFrame);
    private readonly byte[] _frame = Frame();
    private long _written;
    private long _durable;

    public static int LineBytes => Text.Length;

    /// <summary>Lines that the server has said to be durable.</summary>
    public long Durable => Interlocked.Read(ref _durable);

    public Latencies Acknowledged { get; } = new();

    /// <param name="window">Lines that may wait for their acknowledgement.</param>
    public static async Task<LogWriter> Connect(ServerProcess server, BackendJob.CreateGroup group, int window)
    {
        var labels = group.Resources.Single(resource => (string?)resource["kind"] == "Pod")["metadata"]!["labels"]!;
        var workflow = (string)labels["osmo.workflow_id"]!;
        var query = $"workflow_id={workflow}&group_name={group.GroupName}&task_name={TaskName}&retry_id=0";
        using var answer = await server.Client.PostAsync($"/api/auth/jwt/refresh_token?{query}", JsonContent.Create(new JsonObject { ["token"] = RefreshToken(group) }));
        var token = RefreshTokenResponse.Decode(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()).Token;
        var writer = new LogWriter(window);
        writer._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        writer._socket.Options.SetRequestHeader(LoggerProtocol.LineAcksHeader, LoggerProtocol.LineAcksVersion);
        writer._socket.Options.SetRequestHeader(LoggerProtocol.ResumeHeader, "0");
        await writer._socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = $"/api/logger/workflow/{workflow}/osmo_ctrl/{TaskName}/retry_id/0" }.Uri, CancellationToken.None);
        return writer;
    }

    /// <summary>Writes for so long, then waits until every line is durable.</summary>
    public async Task Run(TimeSpan duration)
    {
        using var end = new CancellationTokenSource();
        var receiving = Receive(end.Token);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < duration;)
        {
            await _room.WaitAsync();
            _open.Enqueue((_written += LinesPerFrame, Stopwatch.GetTimestamp()));
            await _socket.SendAsync(_frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        for (var frame = 0; frame < window / LinesPerFrame; frame++) await _room.WaitAsync();
        await end.CancelAsync();
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _room.Dispose();
    }

    private async Task Receive(CancellationToken cancellation)
    {
        var buffer = new byte[FrameBytesMax];
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer, cancellation);
            if (!RuntimeActionCodec.TryDecode(buffer.AsSpan(0, received.Count), out var action, out var error)) throw new InvalidOperationException(error);
            if (action is not RuntimeAction.LogAck ack) continue;
            Interlocked.Exchange(ref _durable, ack.Count);
            while (_open.TryPeek(out var frame) && frame.Lines <= ack.Count)
            {
                _open.TryDequeue(out _);
                Acknowledged.Add(Stopwatch.GetElapsedTime(frame.Sent));
                _room.Release();
            }
        }
    }

    private static byte[] Frame()
    {
        using var encoder = new CtrlMessageEncoder();
        for (var line = 0; line < LinesPerFrame; line++) encoder.Append(new CtrlMessage.Line(LogStream.Stdout, TaskName, DateTimeOffset.UnixEpoch, Text));
        return encoder.TakeFrame().ToArray();
    }

    private static string RefreshToken(BackendJob.CreateGroup group) => group.Resources
        .Select(resource => (string?)resource["data"]?[RefreshTokenFile]).OfType<string>()
        .Select(base64 => Encoding.UTF8.GetString(Convert.FromBase64String(base64))).First();
}
