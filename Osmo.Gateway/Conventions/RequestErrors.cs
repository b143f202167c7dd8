using System.Text.Json.Nodes;

namespace Osmo.Gateway.Conventions;

/// <summary>
/// What is wrong with one part of a request, in the shape clients know from FastAPI (contract: api-rest §4.1).
/// </summary>
/// <param name="Type">Kind of error, e.g. <c>bool_parsing</c>.</param>
/// <param name="Location">Where: <c>query</c>, <c>path</c> or <c>body</c>, then names and indices.</param>
/// <param name="Message">For people.</param>
/// <param name="Input">What was given.</param>
public sealed record RequestError(string Type, JsonArray Location, string Message, JsonNode? Input)
{
    public static RequestError Missing(params JsonNode[] location) => new("missing", [.. location], "Field required", null);

    public static RequestError NotABool(string input, params JsonNode[] location) =>
        new("bool_parsing", [.. location], "Input should be a valid boolean, unable to interpret input", input);

    public static RequestError NotAnInteger(string input, params JsonNode[] location) =>
        new("int_parsing", [.. location], "Input should be a valid integer, unable to parse string as an integer", input);

    public static RequestError NotATime(string input, params JsonNode[] location) =>
        new("datetime_from_date_parsing", [.. location], "Input should be a valid datetime or date", input);

    public static RequestError NotOneOf(IReadOnlyList<string> allowed, string input, params JsonNode[] location) =>
        new("enum", [.. location], $"Input should be {OneOf(allowed)}", input);

    public static RequestError NotAText(JsonNode? input, params JsonNode[] location) =>
        new("string_type", [.. location], "Input should be a valid string", input);

    public static RequestError NotAList(JsonNode? input, params JsonNode[] location) =>
        new("list_type", [.. location], "Input should be a valid list", input);

    public static RequestError NotJson(string reason, params JsonNode[] location) =>
        new("json_invalid", [.. location], $"JSON decode error: {reason}", new JsonObject());

    /// <summary>A string of JSON with half of a surrogate pair, which no answer can repeat.</summary>
    public static RequestError NotUnicode(params JsonNode[] location) =>
        new("string_unicode", [.. location], "Input should be a valid string, unable to parse raw data as a unicode string", null);

    /// <summary>With U+0000, which PostgreSQL has no text for.</summary>
    public static RequestError WithNul(string input, params JsonNode[] location) =>
        new("value_error", [.. location], "Input should not contain the character U+0000", input);

    public static RequestError Unknown(JsonNode? input, params JsonNode[] location) =>
        new("extra_forbidden", [.. location], "Extra inputs are not permitted", input);

    /// <summary><c>'A', 'B' or 'C'</c>.</summary>
    private static string OneOf(IReadOnlyList<string> allowed)
    {
        var quoted = allowed.Select(name => $"'{name}'").ToArray();
        return quoted.Length < 2 ? string.Concat(quoted) : $"{string.Join(", ", quoted[..^1])} or {quoted[^1]}";
    }
}
