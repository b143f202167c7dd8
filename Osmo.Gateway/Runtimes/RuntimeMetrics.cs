using System.Diagnostics.Metrics;

namespace Osmo.Gateway.Runtimes;

/// <summary>What an operator of the service wants to know of the log path.</summary>
internal sealed class RuntimeMetrics
{
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _lines;
    private readonly Counter<long> _bytes;

    public RuntimeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Osmo.Gateway.Runtimes");
        _connections = meter.CreateUpDownCounter<int>("osmo.gateway.runtime.connections", "{connection}", "Runtimes that are connected.");
        _lines = meter.CreateCounter<long>("osmo.gateway.log.lines", "{line}", "Lines taken from runtimes and stored.");
        _bytes = meter.CreateCounter<long>("osmo.gateway.log.bytes", "By", "Text of these lines.");
    }

    public IDisposable Connected()
    {
        _connections.Add(1);
        return new Connection(_connections);
    }

    public void Stored(int lines, int bytes)
    {
        _lines.Add(lines);
        _bytes.Add(bytes);
    }

    private sealed class Connection(UpDownCounter<int> connections) : IDisposable
    {
        public void Dispose() => connections.Add(-1);
    }
}
