using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Leftovers;
using Osmo.BackendOperator.Listener;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests;

/// <summary>One connection as the control plane sees it.</summary>
internal sealed class PeerConnection(string path, IHeaderDictionary headers, WebSocket socket) : IDisposable
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = path;

    public IHeaderDictionary Headers { get; } = headers;

    /// <summary>Completes when the test is done with the connection.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The next message and its uuid; fails on what the protocol forbids.</summary>
    public async Task<(BackendMessage Message, string Uuid)> ReceiveAsync()
    {
        var frame = new MemoryStream();
        var block = new byte[64 << 10];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(block.AsMemory(), Waiting.Deadline());
            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            frame.Write(block, 0, received.Count);
        }
        while (!received.EndOfMessage);

        var accepted = Assert.IsType<DecodedMessage.Accepted>(BackendCodec.Decode(frame.ToArray()));
        return (accepted.Message, Assert.IsType<string>(accepted.Uuid));
    }

    /// <summary>The next message of a type; acknowledges it and those before it.</summary>
    public async Task<T> ReceiveAsync<T>(Func<T, bool>? fits = null)
        where T : BackendMessage
    {
        while (true)
        {
            var (message, uuid) = await ReceiveAsync();
            await AckAsync(uuid);
            if (message is T wanted && fits?.Invoke(wanted) != false)
            {
                return wanted;
            }
        }
    }

    /// <summary>Reads what every connection begins with.</summary>
    public async Task<BackendMessage.Init> ReceiveInitAsync()
    {
        Assert.IsType<BackendMessage.Logging>((await ReceiveAsync()).Message);
        return Assert.IsType<BackendMessage.Init>((await ReceiveAsync()).Message);
    }

    public Task AckAsync(string uuid) => SendAsync(new BackendMessage.Ack(uuid));

    public Task SendAsync(BackendMessage message) =>
        socket.SendAsync(BackendCodec.Encode(message, "0").ToArray(), WebSocketMessageType.Text, true, Waiting.Deadline());

    public Task SendAsync(ReadOnlyMemory<byte> frame, WebSocketMessageType type) => socket.SendAsync(frame.ToArray(), type, true, Waiting.Deadline());

    /// <summary>Whether the next that comes is a goodbye.</summary>
    public async Task<bool> IsClosedAsync() => (await socket.ReceiveAsync(new byte[1].AsMemory(), Waiting.Deadline())).MessageType == WebSocketMessageType.Close;

    /// <summary>Breaks the connection without goodbye.</summary>
    public void Break()
    {
        socket.Abort();
        _closed.TrySetResult();
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>A control plane that does only what the test says, and an operator that dials it.</summary>
internal sealed class ScriptedControlPlane : IAsyncDisposable
{
    public const string Backend = "b1";

    public const string JobFramePath = $"/api/agent/worker/backend/{Backend}/job/w/j";

    private static readonly BackendMessage.Init Init = new("uid-1", "osmo", "1.2.3", "prefix/");

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Channel<PeerConnection>> _connections = [];
    private readonly ConcurrentQueue<PeerConnection> _open = [];
    private readonly SemaphoreSlim _accepting = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly OperatorMetrics _metrics = Metrics.New();
    private Task _operator = Task.CompletedTask;

    private ScriptedControlPlane(WebApplication app) => _app = app;

    /// <summary>Answer to the question for the backend's configuration; null for 404.</summary>
    public string? BackendConfig { get; set; }

    /// <summary>What lies at <see cref="JobFramePath"/>; nothing for 404.</summary>
    public ReadOnlyMemory<byte> JobFrame { get; set; }

    /// <summary>What is answered to reports of leftovers.</summary>
    public int LeftoverAnswer { get; set; } = StatusCodes.Status200OK;

    /// <summary>Reports of leftovers, also those that are refused.</summary>
    public Channel<LeftoverReport> Leftovers { get; } = Channel.CreateUnbounded<LeftoverReport>();

    /// <summary>What it says of the connections of a worker; null to say nothing.</summary>
    public int? ParallelJobs { get; set; }

    public Uri Url => new(_app.Urls.Single());

    public static async Task<ScriptedControlPlane> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var controlPlane = new ScriptedControlPlane(app);
        app.UseWebSockets();
        app.Map("/api/agent/{**path}", controlPlane.AcceptAsync);
        app.MapGet(
            JobFramePath,
            () => controlPlane.JobFrame is { Length: > 0 } frame ? Results.Bytes(frame, "application/octet-stream") : Results.NotFound());
        app.MapPost(LeftoverReport.PathOf(Backend), (Delegate)controlPlane.TakeLeftoversAsync);
        app.MapPost("/api/auth/jwt/access_token", () => Results.Json(new { token = "jwt-1" }));
        app.MapGet(
            $"/api/configs/backend/{Backend}",
            () => controlPlane.BackendConfig is { } config ? Results.Text(config, "application/json") : Results.NotFound());
        await app.StartAsync();
        return controlPlane;
    }

    public BackendOperatorOptions Options => new()
    {
        ServiceUrl = Url,
        Backend = Backend,
        Namespace = "osmo",
        Credential = new OperatorCredential.Dev("tester"),
        // A busy machine is no gateway that hangs.
        PingPeriod = Waiting.Patience,
    };

    public void RunListener(ICluster cluster, BackendOperatorOptions? options = null, TimeProvider? time = null)
    {
        options ??= Options;
        time ??= TimeProvider.System;
        var listener = new BackendListener(options, cluster, new ServiceConnector(options, _http, new ConnectionBoard(), TimeProvider.System), _metrics, time, NullLogger<BackendListener>.Instance);
        _operator = listener.RunAsync(Init, _stop.Token);
    }

    public void RunWorker(ICluster cluster, BackendOperatorOptions? options = null)
    {
        options ??= Options;
        var worker = new BackendWorker(
            options,
            new JobExecutor(cluster, options, TimeProvider.System),
            new ServiceConnector(options, _http, new ConnectionBoard(), TimeProvider.System),
            _metrics,
            TimeProvider.System,
            NullLogger<BackendWorker>.Instance);
        _operator = worker.RunAsync(Init, _stop.Token);
    }

    public void RunLeftoverSearch(ICluster cluster, ConnectionBoard board, GroupKinds kinds, TimeProvider time, BackendOperatorOptions? options = null)
    {
        options ??= Options;
        var connector = new ServiceConnector(options, _http, board, TimeProvider.System);
        _operator = new LeftoverSearch(options, cluster, kinds, connector, board, time, NullLogger<LeftoverSearch>.Instance).RunAsync(_stop.Token);
    }

    /// <summary>The next connection to <c>/api/agent/&lt;stream&gt;/backend/b1</c>.</summary>
    public async Task<PeerConnection> ConnectionAsync(string stream) =>
        await Of($"{stream}/backend/{Backend}").Reader.ReadAsync(Waiting.Deadline());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _operator.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var connection in _open)
        {
            connection.Break();
        }

        await _app.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task<IResult> TakeLeftoversAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        // As it was when the report came: who hears of that may change it.
        var answer = LeftoverAnswer;
        await Leftovers.Writer.WriteAsync(LeftoverReport.Decode(body.ToArray()));
        return Results.StatusCode(answer);
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (ParallelJobs is { } jobs)
        {
            context.Response.Headers[WorkerFrame.ParallelJobsHeader] = $"{jobs}";
        }

        // An operator dials the next connection when it sees the answer to the first, which must have been told of by then.
        PeerConnection connection;
        await _accepting.WaitAsync(context.RequestAborted);
        try
        {
            connection = new PeerConnection((string)context.Request.RouteValues["path"]!, context.Request.Headers, await context.WebSockets.AcceptWebSocketAsync());
            _open.Enqueue(connection);
            await Of(connection.Path).Writer.WriteAsync(connection);
        }
        finally
        {
            _accepting.Release();
        }

        using (connection)
        {
            await connection.Closed;
        }
    }

    private Channel<PeerConnection> Of(string path) => _connections.GetOrAdd(path, _ => Channel.CreateUnbounded<PeerConnection>());
}
