using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Osmo.Hosting.Metrics;

/// <summary>What the process measures, as the text that Prometheus collects.</summary>
internal sealed class MetricsPage : IManagementPage, IDisposable
{
    /// <summary>Meters that are shown; others measure too, but nobody has asked for them.</summary>
    private static readonly string[] Meters = ["Osmo.", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Npgsql", "System.Runtime"];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, InstrumentSeries> _instruments = [];

    public MetricsPage()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Meters.Any(name => instrument.Meter.Name.StartsWith(name, StringComparison.Ordinal)))
            {
                listener.EnableMeasurementEvents(instrument, _instruments.GetOrAdd(instrument, InstrumentSeries.Of));
            }
        };
        _listener.MeasurementsCompleted = (instrument, state) => _instruments.TryRemove(instrument, out _);
        Take<byte>(value => value);
        Take<short>(value => value);
        Take<int>(value => value);
        Take<long>(value => value);
        Take<float>(value => value);
        Take<double>(value => value);
        Take<decimal>(value => (double)value);
        _listener.Start();
    }

    public string Path => "/metrics";

    public string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    public async Task Write(Stream output, CancellationToken cancellation)
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        // Two meters may have an instrument of the same name; its head must stand only once.
        foreach (var family in _instruments.Values.GroupBy(series => series.Name).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            family.First().WriteHead(text);
            foreach (var series in family)
            {
                series.Write(text);
            }
        }

        await output.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellation);
    }

    public void Dispose() => _listener.Dispose();

    private void Take<T>(Func<T, double> toDouble) where T : struct =>
        _listener.SetMeasurementEventCallback<T>((_, value, tags, state) => (state as InstrumentSeries)?.Record(toDouble(value), tags));
}
