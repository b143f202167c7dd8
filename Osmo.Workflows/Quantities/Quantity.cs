using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Quantities;

/// <summary>
/// A memory or storage size as workflow authors write it (contract: workflow-spec §6.9). Every unit is binary, also <c>G</c> and <c>M</c>;
/// <c>m</c> is 2^-10 byte; no unit means bytes. Not a Kubernetes quantity: see <see cref="KubernetesQuantity"/>.
/// </summary>
public readonly partial record struct Quantity(double Value, QuantityUnit Unit)
{
    private static readonly FrozenDictionary<string, QuantityUnit> Spellings = Enum.GetValues<QuantityUnit>()
        .SelectMany(unit => Spelled(unit).Select(text => KeyValuePair.Create(text, unit))).ToFrozenDictionary();

    public double Bytes => In(QuantityUnit.B);

    /// <summary>The size in another unit; exact, because units are powers of two.</summary>
    public double In(QuantityUnit unit) => Math.ScaleB(Value, Exponent(Unit) - Exponent(unit));

    public static QuantityFault TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        var match = Pattern().Match(text ?? "");
        if (!match.Success)
        {
            return QuantityFault.Value;
        }

        if (!Spellings.TryGetValue(match.Groups[2].Value, out var unit))
        {
            return QuantityFault.Unit;
        }

        quantity =
            new Quantity(double.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), unit);
        return QuantityFault.None;
    }

    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity) == QuantityFault.None
            ? quantity
            : throw new FormatException($"'{text}' is not a size; write a number and one of B, Ki, Mi, Gi, Ti.");

    private static string[] Spelled(QuantityUnit unit) => unit.ToString() switch
    {
        "B" => ["", "B"],
        { Length: 2 } name => [name, name[..1], name + "B"],
        var name => [name],
    };

    private static int Exponent(QuantityUnit unit) => ((int)unit - (int)QuantityUnit.B) * 10;

    [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)\z", RegexOptions.None)]
    private static partial Regex Pattern();
}

/// <summary>Each is 1024 times the one before it.</summary>
public enum QuantityUnit
{
    m = 1,
    B,
    Ki,
    Mi,
    Gi,
    Ti,
}

/// <summary>What is wrong with a text that should be a <see cref="Quantity"/>.</summary>
public enum QuantityFault
{
    None = 1,
    Value,
    Unit,
}
