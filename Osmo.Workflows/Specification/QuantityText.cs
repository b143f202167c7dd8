using System.Diagnostics.CodeAnalysis;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>Quantities as a specification keeps them: with unit, a bare number of bytes turned into Ki (contract: workflow-spec §6.9).</summary>
public static class QuantityText
{
    public const string Allowed = "a number and one of T Ti TiB G Gi GiB M Mi MiB K Ki KiB B m";

    /// <param name="field"><c>memory</c>, <c>storage</c> or <c>cache</c>, for the message.</param>
    /// <param name="text">As the author wrote it.</param>
    /// <param name="normal"><c>4Gi</c>, or <c>1048576.0Ki</c> for <c>1073741824</c>.</param>
    /// <param name="fault">Why the text is no quantity.</param>
    public static bool TryNormalise(string field, string text, [NotNullWhen(true)] out string? normal, [NotNullWhen(false)] out string? fault)
    {
        normal = null;
        var outcome = Quantity.TryParse(text, out var quantity);
        fault = outcome switch
        {
            QuantityFault.Unit => $"Resource {field} field has invalid unit: {text.TrimStart("0123456789.".ToCharArray())}",
            QuantityFault.None when double.IsFinite(quantity.In(QuantityUnit.m)) => null,
            _ => $"Resource {field} field has invalid value {text}",
        };
        if (fault is not null)
        {
            return false;
        }

        normal = char.IsAsciiDigit(text[^1]) ? PythonText.Of(quantity.In(QuantityUnit.Ki)) + "Ki" : text;
        return true;
    }
}
