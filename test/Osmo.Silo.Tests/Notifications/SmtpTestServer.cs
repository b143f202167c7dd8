using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Osmo.Silo.Tests.Notifications;

/// <summary>A mail server without encryption on loopback, one connection after the other; keeps what it was told.</summary>
internal sealed class SmtpTestServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public SmtpTestServer()
    {
        _listener.Start();
        _serving = Serve();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>All lines of all clients; a client that is gone may still have its last one read.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>What is said to a recipient.</summary>
    public string Recipient { get; init; } = "250 yes";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await using var stream = client.GetStream();
                await Talk(stream);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The end of the test.
        }
    }

    private async Task Talk(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        await using var writer = new StreamWriter(stream, Encoding.ASCII, leaveOpen: true) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        var inMessage = false;
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            Lines.Enqueue(line);
            if (inMessage && line != ".")
            {
                continue;
            }

            inMessage = line == "DATA";
            await writer.WriteLineAsync(line switch
            {
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ when line.StartsWith("RCPT", StringComparison.Ordinal) => Recipient,
                _ => "250 yes",
            });
        }
    }
}
