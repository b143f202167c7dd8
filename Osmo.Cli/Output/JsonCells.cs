using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Cli.Client;

namespace Osmo.Cli.Output;

/// <summary>
/// Fields of an answer as they stand in text output: numbers as the service wrote them, booleans and null as Python prints them.
/// </summary>
internal static class JsonCells
{
    private const string Missing = "-";

    /// <summary>Text of a field; <c>-</c> when the answer has no such field.</summary>
    public static string Cell(this JsonNode? answer, string name) =>
        answer is JsonObject members && members.TryGetPropertyValue(name, out var value) ? Cell(value) : Missing;

    public static string Cell(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "None",
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => value.ToJsonString(),
    };

    /// <summary>Text of a field; <c>-</c> also when it is null.</summary>
    public static string CellOrDash(this JsonNode? answer, string name) => answer?[name] is null ? Missing : answer.Cell(name);

    /// <summary>Text of a field; null when it is null or missing.</summary>
    public static string? Text(this JsonNode? answer, string name) => answer?[name] is { } value ? Cell(value) : null;

    /// <summary>The objects of a list.</summary>
    /// <exception cref="OsmoClientException">The answer has no such list.</exception>
    public static IEnumerable<JsonNode> List(this JsonNode? answer, string name) =>
        answer?[name] is JsonArray list
            ? list.OfType<JsonNode>()
            : throw new OsmoClientException($"The service answered without the list '{name}'.", ExitCodes.ServerError);

    /// <summary>Labels as <c>key=value</c>, sorted by key; <c>-</c> for none.</summary>
    public static string Labels(this JsonNode? answer) => answer?["labels"] is JsonObject { Count: > 0 } labels
        ? string.Join(", ", labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={Cell(label.Value)}"))
        : Missing;
}
