using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Cli.Output;

/// <summary>
/// JSON as upstream's client prints it, so that what cuts it out of mixed output keeps working: one member a line, numbers as the
/// service wrote them, everything beyond ASCII escaped (contract: cli §6).
/// </summary>
internal static class JsonText
{
    public static string Of(JsonNode? node, int indent)
    {
        var text = new StringBuilder();
        Write(text, node, indent, depth: 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent, int depth)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject { Count: 0 }:
                text.Append("{}");
                break;
            case JsonArray { Count: 0 }:
                text.Append("[]");
                break;
            case JsonObject members:
                Block(text, '{', '}', members, indent, depth, member =>
                {
                    Quote(text, member.Key);
                    text.Append(": ");
                    Write(text, member.Value, indent, depth + 1);
                });
                break;
            case JsonArray items:
                Block(text, '[', ']', items, indent, depth, item => Write(text, item, indent, depth + 1));
                break;
            case var value when value.GetValueKind() == JsonValueKind.String:
                Quote(text, value.GetValue<string>());
                break;
            default:
                text.Append(node.ToJsonString());
                break;
        }
    }

    private static void Block<T>(StringBuilder text, char open, char close, IEnumerable<T> items, int indent, int depth, Action<T> write)
    {
        var separator = open;
        foreach (var item in items)
        {
            text.Append(separator).Append('\n').Append(' ', indent * (depth + 1));
            write(item);
            separator = ',';
        }

        text.Append('\n').Append(' ', indent * depth).Append(close);
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' and not '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
