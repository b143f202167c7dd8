namespace Osmo.Bench.Load;

/// <summary>Times in milliseconds, gathered from many callers.</summary>
internal sealed class Latencies
{
    private readonly Lock _gate = new();
    private readonly List<double> _all = [];

    public int Count
    {
        get
        {
            lock (_gate) return _all.Count;
        }
    }

    public void Add(TimeSpan time)
    {
        lock (_gate) _all.Add(time.TotalMilliseconds);
    }

    public void AddRange(IEnumerable<Latencies> others)
    {
        foreach (var other in others)
        {
            lock (other._gate) lock (_gate) _all.AddRange(other._all);
        }
    }

    /// <param name="share">Between 0 and 1.</param>
    /// <returns>The time that this share of all stays within; NaN when there is none.</returns>
    public double Percentile(double share)
    {
        lock (_gate)
        {
            if (_all.Count == 0) return double.NaN;
            _all.Sort();
            return _all[Math.Min(_all.Count - 1, (int)(share * _all.Count))];
        }
    }
}
