using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Tests;

/// <summary>What the server does; the defaults are those of our own control plane.</summary>
public sealed record LoggerScript
{
    public bool Acknowledges { get; init; } = true;

    public bool AnswersLogDone { get; init; } = true;

    /// <summary>Lines after which connection 1, 2, … is cut without goodbye; later connections live.</summary>
    public int[] CutAfterLines { get; init; } = [];

    /// <summary>Answers to the token refresh, in order; the last one is repeated.</summary>
    public (int Status, string Body)[] Refresh { get; init; } = [(200, """{"token":"jwt","expires_at":4000000000}""")];
}

/// <summary>The control plane's side of the logger WebSocket, as <see cref="LoggerProtocol"/> asks for it, in one class.</summary>
public sealed class ScriptedLogger : IAsyncDisposable
{
    private static readonly TimeSpan WaitLimit = TaskPod.Limit;

    private readonly Lock _gate = new();
    private readonly List<CtrlMessage> _messages = [];
    private readonly List<(Func<IReadOnlyList<CtrlMessage>, bool> Condition, TaskCompletionSource Met)> _waiters = [];
    private readonly LoggerScript _script;
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopped = new();
    private long _durableLines;
    private int _connections;
    private int _refreshes;
    private WebSocket? _live;

    private ScriptedLogger(LoggerScript script, WebApplication application) => (_script, _application) = (script, application);

    public int Port { get; private set; }

    public int Connections => Volatile.Read(ref _connections);

    public List<string> RefreshBodies { get; } = [];

    public List<(string Authorization, string Resume)> Dials { get; } = [];

    public IReadOnlyList<CtrlMessage> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    public IReadOnlyList<CtrlMessage.Line> Lines => [.. Messages.OfType<CtrlMessage.Line>()];

    public static async Task<ScriptedLogger> Start(LoggerScript? script = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var logger = new ScriptedLogger(script ?? new LoggerScript(), application);
        application.UseWebSockets();
        application.MapPost("/api/auth/jwt/refresh_token", logger.RefreshToken);
        application.Map("/api/logger/workflow/{workflow}/osmo_ctrl/{task}/retry_id/{retry}", logger.Accept);
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        logger.Port = new Uri(address).Port;
        return logger;
    }

    /// <summary>Waits until the messages so far fulfil the condition; on a timeout says what there was.</summary>
    public async Task Until(Func<IReadOnlyList<CtrlMessage>, bool> condition)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (condition(_messages))
                return;
            _waiters.Add((condition, met));
        }

        try
        {
            await met.Task.WaitAsync(WaitLimit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not within {WaitLimit}; messages so far:\n{string.Join('\n', Messages.TakeLast(50))}");
        }
    }

    public Task UntilText(string text) => Until(messages => messages.OfType<CtrlMessage.Line>().Any(line => line.Text.Contains(text, StringComparison.Ordinal)));

    public async Task Send(RuntimeAction action)
    {
        var type = action.IsTextFrame ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        await _live!.SendAsync(RuntimeActionCodec.Encode(action), type, endOfMessage: true, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _application.DisposeAsync();
        _stopped.Dispose();
    }

    private async Task RefreshToken(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        (int Status, string Body) answer;
        lock (_gate)
        {
            RefreshBodies.Add(body);
            answer = _script.Refresh[int.Min(_refreshes++, _script.Refresh.Length - 1)];
        }

        context.Response.StatusCode = answer.Status;
        await context.Response.WriteAsync(answer.Body);
    }

    private async Task Accept(HttpContext context)
    {
        var request = context.Request.Headers;
        var resume = request[LoggerProtocol.ResumeHeader].ToString();
        if (_script.Acknowledges)
            context.Response.Headers[LoggerProtocol.LineAcksHeader] = LoggerProtocol.LineAcksVersion;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var connection = Interlocked.Increment(ref _connections);
        lock (_gate)
        {
            Dials.Add((request.Authorization.ToString(), resume));
            _live = socket;
        }

        try
        {
            await Serve(context, socket, connection, long.Parse(resume, CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            return;
        }
    }

    private async Task Serve(HttpContext context, WebSocket socket, int connection, long resumeFrom)
    {
        var decoder = new CtrlMessageDecoder();
        var buffer = new byte[LoggerProtocol.MaximumFrameBytes];
        var cutAfter = connection <= _script.CutAfterLines.Length ? _script.CutAfterLines[connection - 1] : int.MaxValue;
        var received = 0;
        while (true)
        {
            var length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), _stopped.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            var messages = new List<CtrlMessage>();
            Assert.True(decoder.TryDecode(buffer.AsSpan(0, length), messages, out var error), error);
            foreach (var message in messages)
            {
                if (message is CtrlMessage.Line && ++received > cutAfter)
                {
                    context.Abort();
                    return;
                }

                Record(message, resumeFrom + received);
                if (message is CtrlMessage.LogDone && _script.AnswersLogDone)
                    await Send(new RuntimeAction.LogDone());
            }

            // Every other batch stays unacknowledged for a while, as it does while a database is slow.
            if (_script.Acknowledges && received % 2 == 0)
                await Send(new RuntimeAction.LogAck(received));
        }
    }

    private void Record(CtrlMessage message, long lineNumber)
    {
        lock (_gate)
        {
            if (message is CtrlMessage.Line && _script.Acknowledges)
            {
                if (lineNumber <= _durableLines)
                    return;
                Assert.Equal(_durableLines + 1, lineNumber);
                _durableLines = lineNumber;
            }

            _messages.Add(message);
            foreach (var (_, met) in _waiters.Where(waiter => waiter.Condition(_messages)).ToArray())
                met.TrySetResult();
        }
    }
}
