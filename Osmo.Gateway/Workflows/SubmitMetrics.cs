using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Osmo.Gateway.Workflows;

/// <summary>What comes of submits, and how long their senders wait.</summary>
internal sealed class SubmitMetrics
{
    private readonly Counter<long> _submits;
    private readonly Histogram<double> _durations;

    public SubmitMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Osmo.Gateway.Workflows");
        _submits = meter.CreateCounter<long>("osmo.gateway.submits", "{submit}", "Submits that were answered, by outcome.");
        _durations = meter.CreateHistogram<double>("osmo.gateway.submit.duration", "s", "From the request to the outcome.");
    }

    /// <param name="startedAt">A timestamp of <see cref="Stopwatch"/>.</param>
    public SubmitOutcome Answered(SubmitOutcome outcome, long startedAt)
    {
        _submits.Add(1, new KeyValuePair<string, object?>("outcome", outcome.GetType().Name.ToLowerInvariant()));
        _durations.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        return outcome;
    }
}
