using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Quantities as a specification keeps them: with unit, a bare number of bytes turned into Ki (contract: workflow-spec §6.9).
/// </summary>
public static class QuantityText
{
    /// <summary>Larger amounts are a slip of the pen, and not every reader could count them.</summary>
    private const double MaxBytes = long.MaxValue;

    public const string Allowed = "a number and one of T Ti TiB G Gi GiB M Mi MiB K Ki KiB B m";

    /// <param name="field"><c>memory</c>, <c>storage</c> or <c>cache</c>, for the message.</param>
    /// <param name="text">As the author wrote it.</param>
    /// <param name="normal"><c>4Gi</c>, or <c>1048576.0Ki</c> for <c>1073741824</c>.</param>
    /// <param name="fault">Why the text is no quantity.</param>
    public static bool TryNormalise(
        string field, string text, [NotNullWhen(true)] out string? normal, [NotNullWhen(false)] out string? fault)
    {
        normal = null;
        var outcome = Quantity.TryParse(text, out var quantity);
        fault = outcome switch
        {
            QuantityFault.Unit => $"Resource {field} field has invalid unit: {text.TrimStart("0123456789.".ToCharArray())}",
            QuantityFault.None when quantity.Bytes < MaxBytes => null,
            _ => $"Resource {field} field has invalid value {text}",
        };
        if (fault is not null)
        {
            return false;
        }

        normal = char.IsAsciiDigit(text[^1]) ? WithoutExponent(quantity.In(QuantityUnit.Ki)) + "Ki" : text;
        return true;
    }

    /// <summary>A quantity has no exponent; what small numbers lose is less than a byte.</summary>
    private static string WithoutExponent(double number) =>
        PythonText.Of(number) is var text && text.Contains('e', StringComparison.Ordinal)
            ? number.ToString("0.0###########", CultureInfo.InvariantCulture)
            : text;
}
