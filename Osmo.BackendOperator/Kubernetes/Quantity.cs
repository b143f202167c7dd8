using System.Globalization;
using System.Text.Json;

namespace Osmo.BackendOperator.Kubernetes;

/// <summary>Kubernetes quantities: a decimal number with a decimal, binary or exponent suffix.</summary>
public static class Quantity
{
    /// <returns>The value in base units (cores, bytes, items); false when the text is no quantity.</returns>
    public static bool TryParse(string? text, out decimal value)
    {
        value = 0;
        var span = text.AsSpan().Trim();
        var end = 0;
        while (end < span.Length && (char.IsAsciiDigit(span[end]) || span[end] is '.' || (end == 0 && span[end] is '+' or '-')))
        {
            end++;
        }

        if (!decimal.TryParse(span[..end], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || Factor(span[end..]) is not { } factor)
        {
            return false;
        }

        try
        {
            value = number * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="TryParse"/>, where what is no quantity counts as nothing.</summary>
    public static decimal ParseOrZero(string? text) => TryParse(text, out var value) ? value : 0;

    /// <summary>A quantity as it stands in a document: text or a bare number.</summary>
    public static string TextOf(JsonElement quantity) => quantity.ValueKind == JsonValueKind.String ? quantity.GetString()! : quantity.GetRawText();

    private static decimal? Factor(ReadOnlySpan<char> suffix)
    {
        if (suffix.Length > 1 && suffix[0] is ('e' or 'E') && (char.IsAsciiDigit(suffix[1]) || suffix[1] is '+' or '-'))
        {
            return int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
                && exponent is >= -9 and <= 18
                ? Power(10, exponent)
                : null;
        }

        return suffix switch
        {
            "" => 1m,
            "n" => 1e-9m,
            "u" => 1e-6m,
            "m" => 1e-3m,
            "k" or "K" => 1e3m,
            "M" => 1e6m,
            "G" => 1e9m,
            "T" => 1e12m,
            "P" => 1e15m,
            "E" => 1e18m,
            "Ki" => Power(1024, 1),
            "Mi" => Power(1024, 2),
            "Gi" => Power(1024, 3),
            "Ti" => Power(1024, 4),
            "Pi" => Power(1024, 5),
            "Ei" => Power(1024, 6),
            _ => null,
        };
    }

    private static decimal Power(decimal @base, int exponent)
    {
        var value = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++)
        {
            value *= @base;
        }

        return exponent < 0 ? 1 / value : value;
    }
}
