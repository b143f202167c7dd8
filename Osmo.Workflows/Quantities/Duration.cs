using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Quantities;

/// <summary>
/// A duration as people write it in configuration: <c>&lt;int&gt;&lt;d|h|m|s|ms|us&gt;</c> or ISO 8601 (contract: workflow-spec §6.10).
/// The text is kept, so that what was written is what is read back.
/// </summary>
[JsonConverter(typeof(DurationConverter))]
public readonly partial record struct Duration
{
    private readonly string? _text;

    private Duration(string text, TimeSpan value)
    {
        _text = text;
        Value = value;
    }

    public TimeSpan Value { get; }

    public static Duration Parse(string text) => TryParse(text, out var duration) ? duration : throw new FormatException(Complaint(text));

    public static bool TryParse(string? text, out Duration duration)
    {
        duration = default;
        if (text is null || !TryValue(text, out var value))
        {
            return false;
        }

        duration = new Duration(text, value);
        return true;
    }

    public static string Complaint(string? text) =>
        $"Cannot recognize duration: {text}. Only support ISO 8601 (e.g. PT10S) or xd, xh, xm, xs, xms, xus";

    public override string ToString() => _text ?? "0s";

    private static bool TryValue(string text, out TimeSpan value)
    {
        value = default;
        var simple = Simple().Match(text);
        if (simple.Success)
        {
            return long.TryParse(simple.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && TryTicks(count, Unit(simple.Groups[2].ValueSpan), out value);
        }

        var iso = Iso().Match(text);
        if (!iso.Success || text.EndsWith('P') || text.EndsWith('T'))
        {
            return false;
        }

        return TryTicks(Number(iso.Groups[1]), TimeSpan.TicksPerDay, out var days)
            && TryTicks(Number(iso.Groups[2]), TimeSpan.TicksPerHour, out var hours)
            && TryTicks(Number(iso.Groups[3]), TimeSpan.TicksPerMinute, out var minutes)
            && TryTicks(Number(iso.Groups[4]), TimeSpan.TicksPerSecond, out var seconds)
            && TryTicks(((decimal)days.Ticks + hours.Ticks + minutes.Ticks + seconds.Ticks), 1, out value);
    }

    private static decimal Number(Group group) =>
        group.Success && decimal.TryParse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private static bool TryTicks(decimal count, long unit, out TimeSpan value)
    {
        value = default;
        if (count > (decimal)TimeSpan.MaxValue.Ticks / unit)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)(count * unit));
        return true;
    }

    private static long Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "d" => TimeSpan.TicksPerDay,
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        _ => TimeSpan.TicksPerMicrosecond,
    };

    [GeneratedRegex(@"^([0-9]{1,18})(d|h|m|s|ms|us)\z")]
    private static partial Regex Simple();

    [GeneratedRegex(@"^P(?:([0-9]{1,18})D)?(?:T(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18}(?:\.[0-9]{1,7})?)S)?)?\z")]
    private static partial Regex Iso();
}

/// <summary>A duration in JSON: its text, as the author of the configuration writes it.</summary>
public sealed class DurationConverter : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Duration.TryParse(text, out var duration) ? duration : throw new JsonException(Duration.Complaint(text));
    }

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
