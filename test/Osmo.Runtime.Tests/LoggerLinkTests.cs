using System.Net.Sockets;
using System.Net.WebSockets;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.Arguments;
using Osmo.Runtime.Ctrl;

namespace Osmo.Runtime.Tests;

public class LoggerLinkTests
{
    private const int Tries = 3;

    public static TheoryData<Exception> Breaks =>
        [new HttpRequestException("refused"), new SocketException((int)SocketError.NotConnected), new IOException("reset"), new WebSocketException("broken")];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Run_ConnectionBreaksInAnyWay_TriesAgain(Exception broken)
    {
        var tokenFile = Path.GetTempFileName();
        try
        {
            using var stop = new CancellationTokenSource();
            using var transport = new BreakingTransport(broken, Tries);
            using var http = new HttpMessageInvoker(transport);
            var running = Link(http, tokenFile).Run(stop.Token);

            await Task.WhenAny(running, transport.Tried).WaitAsync(TaskPod.Limit);

            Assert.True(transport.Tried.IsCompletedSuccessfully, $"{running.Exception}");
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TaskPod.Limit));
        }
        finally
        {
            File.Delete(tokenFile);
        }
    }

    private static LoggerLink Link(HttpMessageInvoker http, string tokenFile)
    {
        var arguments = CtrlArguments.Parse(
        [
            "-socketPath", "/s", "-inputPath", "/i", "-outputPath", "/o", "-metadataFile", "/m", "-timeout", "10", "-dataTimeout", "10", "-workflow", "w-1",
            "-groupName", "g", "-retryId", "0", "-logSource", "t", "-host", "127.0.0.1", "-port", "1", "-scheme", "ws", "-refreshToken", tokenFile,
            "-refreshScheme", "http",
        ]);
        var buffer = new LogBuffer(arguments.LogBufferLines);
        var log = new TaskLog(buffer, new GoLog(Stream.Null, TimeProvider.System), arguments.Task, TimeProvider.System);
        var token = new AccessToken(http, arguments.RefreshAddress, tokenFile, TimeProvider.System);
        return new LoggerLink(arguments, buffer, log, token, http, new NoActions(), TimeProvider.System);
    }

    private sealed class BreakingTransport(Exception broken, int tries) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _tries;

        /// <summary>Completed by the last of the tries.</summary>
        public Task Tried => _tried.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _tries) == tries)
                _tried.SetResult();
            return Task.FromException<HttpResponseMessage>(broken);
        }
    }

    private sealed class NoActions : ILoggerActions
    {
        public void Connected()
        {
            // Nobody waits for a connection here.
        }

        public void Handle(RuntimeAction action) => throw new InvalidOperationException($"{action} cannot have come.");
    }
}
