using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Osmo.Gateway.Conventions;

/// <summary>
/// Parses bodies. All that can be wrong with the text is found here: left to itself, a <see cref="JsonNode"/> finds strings that are no text, and
/// members that are there twice, only when somebody looks at them.
/// </summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>False when it cannot be parsed; what is wrong is added to <paramref name="errors"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, ICollection<RequestError> errors, out JsonNode? value)
    {
        value = null;
        if (!Utf8.IsValid(json))
        {
            errors.Add(RequestError.NotJson("it is not UTF-8", "body"));
            return false;
        }

        try
        {
            if (FindBrokenString(json) is { } location)
            {
                errors.Add(RequestError.NotUnicode([.. location]));
                return false;
            }

            value = JsonNode.Parse(json, documentOptions: Options);
            return true;
        }
        catch (JsonException e)
        {
            errors.Add(RequestError.NotJson(e.Message, "body", e.BytePositionInLine ?? 0));
            return false;
        }
    }

    /// <summary>Where the first string is that has half of a surrogate pair, which takes an escape: in which member of the body, if in one.</summary>
    private static JsonNode[]? FindBrokenString(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return null;
        }

        var reader = new Utf8JsonReader(json);
        string? member = null;
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            {
                continue;
            }

            var isMember = reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 };
            try
            {
                var text = reader.GetString();
                member = isMember ? text : member;
            }
            catch (InvalidOperationException)
            {
                return isMember || member is null ? ["body"] : ["body", member];
            }
        }

        return null;
    }
}
