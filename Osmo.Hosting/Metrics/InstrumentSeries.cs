using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Osmo.Hosting.Metrics;

/// <summary>Everything one instrument has measured, by its tags.</summary>
internal sealed class InstrumentSeries
{
    /// <summary>Combinations of tags; more of them are counted together, under none.</summary>
    private const int SeriesMax = 500;

    private readonly Instrument _instrument;
    private readonly Kind _kind;
    private readonly ConcurrentDictionary<string, Measured> _series = new(StringComparer.Ordinal);

    private InstrumentSeries(Instrument instrument, Kind kind)
    {
        (_instrument, _kind) = (instrument, kind);
        Name = NameOf(instrument, kind);
    }

    private enum Kind
    {
        /// <summary>Told how much more; the sum is shown.</summary>
        Sum = 1,

        /// <summary>Told how much more, never less.</summary>
        Counter,

        /// <summary>Told the whole sum so far, never less.</summary>
        Total,

        /// <summary>Told how much there is now.</summary>
        Level,

        Distribution,
    }

    public string Name { get; }

    public static InstrumentSeries Of(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        return new(instrument, type switch
        {
            _ when type.StartsWith("Counter", StringComparison.Ordinal) => Kind.Counter,
            _ when type.StartsWith("ObservableCounter", StringComparison.Ordinal) => Kind.Total,
            _ when type.StartsWith("UpDownCounter", StringComparison.Ordinal) => Kind.Sum,
            _ when type.StartsWith("Histogram", StringComparison.Ordinal) => Kind.Distribution,
            _ => Kind.Level,
        });
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        if (!_series.TryGetValue(labels, out var measured))
        {
            measured = _series.GetOrAdd(_series.Count < SeriesMax ? labels : "", static _ => new Measured());
        }

        measured.Record(value, _kind is Kind.Sum or Kind.Counter, _kind == Kind.Distribution);
    }

    public void WriteHead(StringBuilder text)
    {
        if (_instrument.Description is { Length: > 0 } description)
        {
            text.Append("# HELP ").Append(Name).Append(' ').Append(description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace('\n', ' ')).Append('\n');
        }

        text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind switch
        {
            Kind.Counter or Kind.Total => "counter",
            Kind.Distribution => "histogram",
            _ => "gauge",
        }).Append('\n');
    }

    public void Write(StringBuilder text)
    {
        foreach (var (labels, measured) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            measured.Write(text, Name, labels, _kind == Kind.Distribution);
        }
    }

    /// <summary>As Prometheus wants names: no dots, the unit at the end, and what only grows called a total.</summary>
    private static string NameOf(Instrument instrument, Kind kind)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var c in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        var unit = instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
        if (unit.Length > 0 && !instrument.Name.EndsWith(unit[1..], StringComparison.Ordinal))
        {
            name.Append(unit);
        }

        return name.Append(kind is Kind.Counter or Kind.Total ? "_total" : "").ToString();
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var pairs = new List<string>(tags.Length);
        foreach (var (key, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            pairs.Add($"{string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}=\"{escaped}\"");
        }

        pairs.Sort(StringComparer.Ordinal);
        return string.Join(',', pairs);
    }
}
