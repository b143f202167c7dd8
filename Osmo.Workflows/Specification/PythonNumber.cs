using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Numbers as Python's <c>int()</c> and <c>float()</c> read them: blanks around, one '_' between digits, a sign (contract: workflow-spec
/// §3.1).
/// </summary>
public static partial class PythonNumber
{
    public static bool TryParseInt(string text, out BigInteger value)
    {
        value = default;
        return text.Length <= Yaml.YamlScalars.MaxDigits && IntPattern().IsMatch(text)
            && BigInteger.TryParse(Plain(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryParseFloat(string text, [NotNullWhen(true)] out double? value)
    {
        value = null;
        if (SpecialPattern().Match(text) is { Success: true } special)
        {
            var size = special.Groups["nan"].Success ? double.NaN : double.PositiveInfinity;
            value = special.Groups["sign"].Value == "-" ? -size : size;
        }
        else if (FloatPattern().IsMatch(text) && double.TryParse(
            Plain(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            value = number;
        }

        return value is not null;
    }

    private static string Plain(string text) => text.Trim().Replace("_", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*[-+]?[0-9]+(?:_[0-9]+)*\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntPattern();

    [GeneratedRegex(@"^\s*[-+]?(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"^\s*(?<sign>[-+]?)(?:inf(?:inity)?|(?<nan>nan))\s*\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SpecialPattern();
}
