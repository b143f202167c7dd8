using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Durations of a specification (contract: workflow-spec §6.10): what configuration accepts, numbers of seconds, and integers as Python
/// writes them (<c>5 m</c>, <c>1_000s</c>). Never negative.
/// </summary>
public static partial class SpecDuration
{
    public const string Allowed = "ISO 8601 (e.g. PT10S) or xd, xh, xm, xs, xms, xus";

    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
    ];

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        if (PythonInteger().Match(text) is { Success: true } match && PythonNumber.TryParseInt(
            match.Groups["number"].Value, out var number))
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{number}{match.Groups["unit"].Value}");
        }

        if (!Duration.TryParse(text, out var duration))
        {
            return false;
        }

        value = duration.Value;
        return true;
    }

    public static bool TryFromSeconds(double seconds, out TimeSpan value)
    {
        var inRange = seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds;
        value = inRange ? TimeSpan.FromMicroseconds(Math.Round(seconds * 1_000_000)) : default;
        return inRange;
    }

    public static bool TryFromSeconds(BigInteger seconds, out TimeSpan value)
    {
        var inRange = seconds >= 0 && seconds < (long)TimeSpan.MaxValue.TotalSeconds;
        value = inRange ? TimeSpan.FromSeconds((long)seconds) : default;
        return inRange;
    }

    /// <summary>
    /// The largest single unit without remainder, which every reader of the language accepts: <c>26h</c>, <c>90s</c>, <c>0s</c>.
    /// </summary>
    public static string Format(TimeSpan value)
    {
        var ticks = value.Ticks - (value.Ticks % TimeSpan.TicksPerMicrosecond);
        if (ticks == 0)
        {
            return "0s";
        }

        var (unit, size) = Array.Find(Units, unit => ticks % unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / size}{unit}");
    }

    [GeneratedRegex(@"^(?<number>[-+0-9_\s]{1,40})(?<unit>d|h|ms|us|m|s)\z", RegexOptions.CultureInvariant)]
    private static partial Regex PythonInteger();
}
