using System.Globalization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Quantities;

/// <summary>
/// Amounts as Kubernetes writes them in node capacities and container requests: <c>250m</c>, <c>1Gi</c>, <c>1G</c> (decimal), <c>12e6</c>.
/// </summary>
public static partial class KubernetesQuantity
{
    /// <summary>The amount in its base unit (cores, bytes, pieces); false when the text is none, or too large to count.</summary>
    public static bool TryParse(string? text, out decimal amount)
    {
        amount = 0;
        var match = Pattern().Match(text ?? "");
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (!match.Success || !decimal.TryParse(match.Groups[1].ValueSpan, Style, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        try
        {
            amount = number * Factor(match.Groups[2].ValueSpan);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static decimal Factor(ReadOnlySpan<char> suffix) => suffix switch
    {
        "" => 1m,
        "n" => 1e-9m,
        "u" => 1e-6m,
        "m" => 1e-3m,
        "k" => 1e3m,
        "M" => 1e6m,
        "G" => 1e9m,
        "T" => 1e12m,
        "P" => 1e15m,
        "E" => 1e18m,
        "Ki" => 1L << 10,
        "Mi" => 1L << 20,
        "Gi" => 1L << 30,
        "Ti" => 1L << 40,
        "Pi" => 1L << 50,
        "Ei" => 1L << 60,
        _ => decimal.Parse($"1{suffix}", NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^([+-]?(?:\d+(?:\.\d*)?|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?\z")]
    private static partial Regex Pattern();
}
