using System.Net;
using System.Net.Sockets;

namespace Osmo.ClusterTests.Processes;

/// <summary>
/// What stands in front of gateways in production: takes each connection to the next gateway that says it is ready. It knows nothing of HTTP, so there are no sticky sessions, and it leaves
/// connections alone whose gateway hangs.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(2);

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http = new() { Timeout = CheckPatience };
    private readonly IPEndPoint[] _gateways;
    private readonly bool[] _ready;
    private readonly Task _serving;
    private int _next;

    /// <param name="own">Where it listens.</param>
    /// <param name="gateways">For connections, for health.</param>
    public Balancer(Place own, IReadOnlyList<(IPEndPoint Listens, int Health)> gateways)
    {
        _listener = new TcpListener(own.Address, 0);
        _gateways = [.. gateways.Select(gateway => gateway.Listens)];
        _ready = new bool[gateways.Count];
        _listener.Start();
        _serving = Task.WhenAll(gateways.Select((gateway, index) => Check(index, new IPEndPoint(gateway.Listens.Address, gateway.Health))).Append(Accept()));
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task Check(int index, IPEndPoint health)
    {
        using var clock = new PeriodicTimer(CheckPeriod);
        try
        {
            while (await clock.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    using var answer = await _http.GetAsync($"http://{health}/health/ready", _stopping.Token);
                    _ready[index] = answer.StatusCode == HttpStatusCode.OK;
                }
                catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !_stopping.IsCancellationRequested))
                {
                    _ready[index] = false;
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
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

    /// <summary>When none is ready, any will do.</summary>
    private async Task<TcpClient?> Connect()
    {
        var first = (int)((uint)Interlocked.Increment(ref _next) % (uint)_gateways.Length);
        foreach (var index in Enumerable.Range(0, _gateways.Length).Select(turn => (first + turn) % _gateways.Length).OrderByDescending(index => _ready[index]))
        {
            var connection = new TcpClient();
            try
            {
                await connection.ConnectAsync(_gateways[index], _stopping.Token);
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
