using System.Net;
using System.Net.Sockets;

namespace Osmo.ClusterTests.Processes;

/// <summary>
/// What stands in front of gateways in production: takes each connection to the next gateway that takes it. It knows nothing of HTTP, so there are no sticky sessions.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int[] _gateways;
    private readonly Task _accepting;
    private int _next;

    public Balancer(params IEnumerable<int> gateways)
    {
        _gateways = [.. gateways];
        _listener.Start();
        _accepting = Accept();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var near = client;
        try
        {
            using var far = await Connect();
            if (far is null)
            {
                return;
            }

            near.NoDelay = far.NoDelay = true;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            await Task.WhenAny(
                near.GetStream().CopyToAsync(far.GetStream(), ending.Token),
                far.GetStream().CopyToAsync(near.GetStream(), ending.Token));
            await ending.CancelAsync();
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two ends broke; so does the other.
        }
    }

    private async Task<TcpClient?> Connect()
    {
        for (var tries = 0; tries < _gateways.Length; tries++)
        {
            var gateway = _gateways[(int)((uint)Interlocked.Increment(ref _next) % (uint)_gateways.Length)];
            var connection = new TcpClient();
            try
            {
                await connection.ConnectAsync(IPAddress.Loopback, gateway, _stopping.Token);
                return connection;
            }
            catch (SocketException)
            {
                connection.Dispose();
            }
        }

        return null;
    }
}
