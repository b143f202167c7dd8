namespace Osmo.BackendOperator.Connection;

/// <summary>Pauses between connection attempts: doubling, with jitter so that operators do not come back in lock-step.</summary>
internal sealed class ReconnectDelay(Uri serviceUrl, TimeProvider time)
{
    /// <summary>What operators have always waited (contract: backend-protocol §2).</summary>
    public static readonly TimeSpan RemoteFirst = TimeSpan.FromSeconds(3);

    /// <summary>Not more, so that a control plane that is back knows the truth soon: reports wait for the connection.</summary>
    public static readonly TimeSpan RemoteMax = TimeSpan.FromSeconds(5);

    /// <summary>A control plane on this machine is started by the same hand: be there when it is.</summary>
    public static readonly TimeSpan LoopbackFirst = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan LoopbackMax = TimeSpan.FromSeconds(1);

    private const double JitterFraction = 0.2;

    private int _failures;

    /// <summary>The connection proved good: the next break starts over.</summary>
    public void Reset() => _failures = 0;

    public Task WaitAsync(CancellationToken cancellation)
    {
        var (first, longest) = serviceUrl.IsLoopback ? (LoopbackFirst, LoopbackMax) : (RemoteFirst, RemoteMax);
        var pause = first * Math.Pow(2, Math.Min(_failures++, 16));
        var jitter = 1 + (JitterFraction * ((2 * Random.Shared.NextDouble()) - 1));
        return Task.Delay((pause < longest ? pause : longest) * jitter, time, cancellation);
    }
}
