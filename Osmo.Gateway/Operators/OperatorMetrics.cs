using System.Diagnostics.Metrics;

namespace Osmo.Gateway.Operators;

/// <summary>What an operator of the service wants to know of the backends' connections.</summary>
internal sealed class OperatorMetrics
{
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _messages;
    private readonly Histogram<double> _applied;
    private readonly Histogram<double> _jobs;

    public OperatorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Osmo.Gateway.Operators");
        _connections = meter.CreateUpDownCounter<int>(
            "osmo.gateway.operator.connections", "{connection}", "Connections of operators, by backend and stream.");
        _messages = meter.CreateCounter<long>("osmo.gateway.operator.messages", "{message}", "Messages of operators, by backend and type.");
        _applied = meter.CreateHistogram<double>(
            "osmo.gateway.operator.apply.duration", "s", "From the receipt of a message to its acknowledgement.");
        _jobs = meter.CreateHistogram<double>(
            "osmo.gateway.operator.job.duration", "s", "From handing out a job to the operator's answer, by outcome.");
    }

    public void Connected(string backend, string stream, int change) =>
        _connections.Add(change, new("backend", backend), new KeyValuePair<string, object?>("stream", stream));

    public void Received(string backend, string type) =>
        _messages.Add(1, new("backend", backend), new KeyValuePair<string, object?>("type", type));

    public void Applied(string backend, TimeSpan duration) =>
        _applied.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("backend", backend));

    public void JobEnded(string backend, string outcome, TimeSpan duration) =>
        _jobs.Record(duration.TotalSeconds, new("backend", backend), new KeyValuePair<string, object?>("outcome", outcome));
}
