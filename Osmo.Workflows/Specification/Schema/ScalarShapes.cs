using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>
/// Text; <paramref name="fromNumbers"/> also takes integers and floats as their decimal text (contract: workflow-spec §5).
/// </summary>
internal sealed class TextShape(bool fromNumbers, Regex? pattern = null) : Shape<string>
{
    /// <summary>The pattern as users and JSON Schema know it.</summary>
    private readonly string? _shownPattern = pattern?.ToString().Replace(@"\z", "$", StringComparison.Ordinal);

    public override bool TryRead(Reading at, out string value)
    {
        var text = at.Value switch
        {
            YamlValue.Text given => given.Value,
            YamlValue.Int or YamlValue.Float when fromNumbers => PythonText.OfScalar(at.Value),
            _ => null,
        };
        value = text ?? "";
        if (text is null)
        {
            return at.Fail("Input should be a valid string", fromNumbers ? "a string or a number" : "a string; quote it");
        }

        return pattern is null || pattern.IsMatch(text) || at.Fail($"String should match pattern '{_shownPattern}'");
    }

    public override JsonObject Describe(JsonObject definitions)
    {
        var schema = new JsonObject { ["type"] = fromNumbers ? new JsonArray("string", "number") : "string" };
        if (_shownPattern is not null)
        {
            schema["pattern"] = _shownPattern;
        }

        return schema;
    }
}

/// <summary>
/// Text from any scalar but null and dates, as Python prints it: environment values and exit codes (contract: workflow-spec §5).
/// </summary>
internal sealed class PrintedShape : Shape<string>
{
    public override bool TryRead(Reading at, out string value)
    {
        var text = PythonText.OfScalar(at.Value);
        value = text ?? "";
        return text is not null || at.Fail("Input should be a valid string", "a string, a number or a boolean");
    }

    public override JsonObject Describe(JsonObject definitions) => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}

/// <summary>Booleans, also as 0, 1 and the usual words (contract: workflow-spec §5).</summary>
internal sealed class BoolShape : Shape<bool>
{
    private const string Allowed = "true or false";

    public override bool TryRead(Reading at, out bool value)
    {
        bool? flag = at.Value switch
        {
            YamlValue.Bool given => given.Value,
            YamlValue.Int { Value.IsZero: true } or YamlValue.Float { Value: 0 } => false,
            YamlValue.Int { Value.IsOne: true } or YamlValue.Float { Value: 1 } => true,
            YamlValue.Text text => text.Value.ToLowerInvariant() switch
            {
                "true" or "yes" or "on" or "t" or "y" or "1" => true,
                "false" or "no" or "off" or "f" or "n" or "0" => false,
                _ => null,
            },
            _ => null,
        };
        value = flag ?? false;
        return flag is not null || at.Fail(
            PythonText.OfScalar(at.Value) is null
                ? "Input should be a valid boolean"
                : "Input should be a valid boolean, unable to interpret input", Allowed);
    }

    public override JsonObject Describe(JsonObject definitions) => new() { ["type"] = "boolean" };
}

/// <summary>A count from 0, also as an integral float or numeric text (contract: workflow-spec §5).</summary>
internal sealed class CountShape : Shape<int>
{
    public override bool TryRead(Reading at, out int value)
    {
        value = 0;
        BigInteger? number = at.Value switch
        {
            YamlValue.Int given => given.Value,
            YamlValue.Bool flag => flag.Value ? BigInteger.One : BigInteger.Zero,
            YamlValue.Float { Value: var given } when double.IsInteger(given) => new BigInteger(given),
            YamlValue.Text { Value: var text } => Parse(text),
            _ => null,
        };
        if (number is null)
        {
            return at.Fail(at.Value switch
            {
                YamlValue.Float => "Input should be a valid integer, got a number with a fractional part",
                YamlValue.Text => "Input should be a valid integer, unable to parse string as an integer",
                _ => "Input should be a valid integer",
            }, "a whole number");
        }

        if (number < 0 || number > int.MaxValue)
        {
            return at.Fail(number < 0 ? "Input should be greater than or equal to 0" : $"Input should be less than or equal to {int.MaxValue}", $"0 to {int.MaxValue}");
        }

        value = (int)number;
        return true;
    }

    public override JsonObject Describe(JsonObject definitions) => new() { ["type"] = "integer", ["minimum"] = 0 };

    private static BigInteger? Parse(string text)
    {
        const int LongestNumber = 64;
        var digits = text.Trim();
        if (digits.IndexOf('.', StringComparison.Ordinal) is var point and > 0 && digits.AsSpan(point + 1).Trim('0').IsEmpty)
        {
            digits = digits[..point];
        }

        return digits.Length <= LongestNumber && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceShape<T>(params (string Word, T Value)[] choices) : Shape<T>
{
    public override bool TryRead(Reading at, out T value)
    {
        foreach (var (word, meaning) in choices)
        {
            if (at.Value is YamlValue.Text text && text.Value == word)
            {
                value = meaning;
                return true;
            }
        }

        value = choices[0].Value;
        var words = string.Join(" or ", choices.Select(choice => $"'{choice.Word}'"));
        return at.Fail($"Input should be {words}", words);
    }

    public override JsonObject Describe(JsonObject definitions) =>
        new() { ["enum"] = new JsonArray([.. choices.Select(choice => (JsonNode)choice.Word)]) };
}
