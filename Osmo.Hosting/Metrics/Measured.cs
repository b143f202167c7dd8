using System.Globalization;
using System.Text;

namespace Osmo.Hosting.Metrics;

/// <summary>One series: a number, or how often which size was seen.</summary>
internal sealed class Measured
{
    /// <summary>From a commit to a long poll, in seconds; what is measured in milliseconds mostly falls into the last ones.</summary>
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100, 1000];

    private readonly Lock _lock = new();
    private long[]? _counts;
    private long _count;
    private double _value;

    public void Record(double value, bool adds, bool isSize)
    {
        lock (_lock)
        {
            if (!isSize)
            {
                _value = adds ? _value + value : value;
                return;
            }

            _value += value;
            _count++;
            var bucket = Array.FindIndex(Bounds, bound => value <= bound);
            (_counts ??= new long[Bounds.Length + 1])[bucket < 0 ? Bounds.Length : bucket]++;
        }
    }

    public void Write(StringBuilder text, string name, string labels, bool isSize)
    {
        lock (_lock)
        {
            if (!isSize)
            {
                Line(text, name, labels, _value);
                return;
            }

            var separator = labels.Length > 0 ? "," : "";
            long below = 0;
            for (var bucket = 0; bucket < Bounds.Length; bucket++)
            {
                below += _counts?[bucket] ?? 0;
                Line(text, $"{name}_bucket", string.Create(CultureInfo.InvariantCulture, $"{labels}{separator}le=\"{Bounds[bucket]}\""), below);
            }

            Line(text, $"{name}_bucket", $"{labels}{separator}le=\"+Inf\"", _count);
            Line(text, $"{name}_sum", labels, _value);
            Line(text, $"{name}_count", labels, _count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
