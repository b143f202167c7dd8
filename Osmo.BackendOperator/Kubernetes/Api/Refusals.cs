using System.Collections.Concurrent;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>
/// Rights that are refused. An API server that has just started refuses for some seconds what is granted, until it has read all roles: so a refusal counts only
/// once it has lasted. What is not granted at all is waited for once and not at every request.
/// </summary>
/// <param name="patience">How long a right is refused before it counts.</param>
internal sealed class Refusals(TimeSpan patience, TimeProvider time)
{
    /// <summary>Beyond it, all is forgotten; an operator needs few rights.</summary>
    private const int RightsMax = 1000;

    /// <summary>A refusal that comes so long after the one before is a new one.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<ApiRight, Refusal> _refused = [];

    public void Granted(ApiRequest request)
    {
        if (!_refused.IsEmpty)
        {
            _refused.TryRemove(ApiRight.Of(request), out _);
        }
    }

    /// <summary>The right was refused once more.</summary>
    /// <returns>Whether it counts.</returns>
    public bool Counts(ApiRight right)
    {
        var now = time.GetTimestamp();
        if (_refused.Count >= RightsMax)
        {
            _refused.Clear();
        }

        var refusal = _refused.AddOrUpdate(
            right,
            static (_, at) => new Refusal(at, at),
            (_, known, at) => time.GetElapsedTime(known.Last, at) < Memory ? known with { Last = at } : new Refusal(at, at),
            now);
        return time.GetElapsedTime(refusal.First, now) >= patience;
    }

    /// <summary>Timestamps of the clock.</summary>
    private sealed record Refusal(long First, long Last);
}
