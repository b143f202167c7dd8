using System.Diagnostics.Metrics;

namespace Osmo.Gateway.Logs;

/// <summary>How many people watch.</summary>
internal sealed class LogMetrics
{
    private readonly UpDownCounter<int> _readers;

    public LogMetrics(IMeterFactory meters) =>
        _readers = meters.Create("Osmo.Gateway.Logs").CreateUpDownCounter<int>(
            "osmo.gateway.log.readers", "{reader}", "Log and event streams that are open.");

    public IDisposable Reading()
    {
        _readers.Add(1);
        return new Reader(_readers);
    }

    private sealed class Reader(UpDownCounter<int> readers) : IDisposable
    {
        public void Dispose() => readers.Add(-1);
    }
}
