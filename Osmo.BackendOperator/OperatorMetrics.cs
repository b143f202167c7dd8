using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Osmo.BackendOperator;

/// <summary>What somebody who runs an operator wants to know of it: docs/operations.md says what each is for.</summary>
internal sealed class OperatorMetrics
{
    private const string Stream = "stream";
    private const string Kind = "kind";

    private readonly TimeProvider _time;
    private readonly Counter<long> _watchEvents;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _leftOut;
    private readonly Histogram<double> _acknowledged;
    private readonly Histogram<double> _jobs;
    private readonly Histogram<double> _requests;
    private readonly ConcurrentDictionary<string, long> _heardAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (Func<int> Waiting, Func<int> Unacknowledged)> _queues = new(StringComparer.Ordinal);

    public OperatorMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create("Osmo.Operator");
        _watchEvents = meter.CreateCounter<long>("osmo.operator.watch.events", "{event}", "Changes of objects that watches brought, by kind.");
        _lists = meter.CreateCounter<long>("osmo.operator.watch.lists", "{list}", "Times that all objects of a kind were listed anew.");
        meter.CreateObservableGauge(
            "osmo.operator.watch.silence", () => Silence, "s", "Since anything was last heard of a kind; a healthy API server says something every minute.");
        meter.CreateObservableGauge("osmo.operator.queue.length", () => Waiting, "{message}", "Messages that wait to be sent, by stream.");
        meter.CreateObservableGauge("osmo.operator.unacknowledged", () => Unacknowledged, "{message}", "Messages that were sent and not acknowledged, by stream.");
        _connects = meter.CreateCounter<long>("osmo.operator.connects", "{connection}", "Connections that were made to the control plane, by stream.");
        _sent = meter.CreateCounter<long>("osmo.operator.reports.sent", "{message}", "Messages that were sent, repetitions included, by stream.");
        _leftOut = meter.CreateCounter<long>("osmo.operator.reports.left_out", "{message}", "Messages that were left out because too many waited, by stream.");
        _acknowledged = meter.CreateHistogram<double>(
            "osmo.operator.report.duration", "s", "From sending a message to its acknowledgement: until it is durable; by stream.");
        _jobs = meter.CreateHistogram<double>("osmo.operator.job.duration", "s", "What a job took, by type and outcome.");
        _requests = meter.CreateHistogram<double>("osmo.operator.api.duration", "s", "Until the API server began to answer, by verb and code; code 0: it did not.");
    }

    private IEnumerable<Measurement<double>> Silence =>
        _heardAt.Select(heard => new Measurement<double>(_time.GetElapsedTime(heard.Value).TotalSeconds, new KeyValuePair<string, object?>(Kind, heard.Key)));

    private IEnumerable<Measurement<int>> Waiting =>
        _queues.Select(queue => new Measurement<int>(queue.Value.Waiting(), new KeyValuePair<string, object?>(Stream, queue.Key)));

    private IEnumerable<Measurement<int>> Unacknowledged =>
        _queues.Select(queue => new Measurement<int>(queue.Value.Unacknowledged(), new KeyValuePair<string, object?>(Stream, queue.Key)));

    public void Listed(string kind)
    {
        Heard(kind);
        _lists.Add(1, new KeyValuePair<string, object?>(Kind, kind));
    }

    public void Changed(string kind)
    {
        Heard(kind);
        _watchEvents.Add(1, new KeyValuePair<string, object?>(Kind, kind));
    }

    /// <summary>Nothing new, but the watch is alive.</summary>
    public void Heard(string kind) => _heardAt[kind] = _time.GetTimestamp();

    public void Queue(string stream, Func<int> waiting, Func<int> unacknowledged) => _queues[stream] = (waiting, unacknowledged);

    public void Connected(string stream) => _connects.Add(1, new KeyValuePair<string, object?>(Stream, stream));

    public void Sent(string stream, int messages) => _sent.Add(messages, new KeyValuePair<string, object?>(Stream, stream));

    public void LeftOut(string stream) => _leftOut.Add(1, new KeyValuePair<string, object?>(Stream, stream));

    public void Acknowledged(string stream, TimeSpan after) => _acknowledged.Record(after.TotalSeconds, new KeyValuePair<string, object?>(Stream, stream));

    public void JobEnded(string type, string outcome, TimeSpan duration) =>
        _jobs.Record(duration.TotalSeconds, new("type", type), new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="code">0 when there was no answer.</param>
    public void Requested(string verb, int code, TimeSpan duration) =>
        _requests.Record(duration.TotalSeconds, new("verb", verb), new KeyValuePair<string, object?>("code", code));
}
