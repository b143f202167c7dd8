using System.Diagnostics.Metrics;
using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>How long transitions take to become durable: waiting for a writer, the writing, and the database's word.</summary>
internal sealed class StorageMetrics : IDisposable
{
    private readonly Meter _meter = new("Osmo.Storage");
    private readonly Histogram<double> _commits;

    public StorageMetrics() => _commits = _meter.CreateHistogram<double>(
        "osmo.storage.commit.duration", "s", "From a caller's wish to commit to the database's word, by outcome.");

    public void Committed(CommitOutcome outcome, TimeSpan duration)
    {
        if (_commits.Enabled)
        {
            _commits.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
        }
    }

    public void Dispose() => _meter.Dispose();
}
