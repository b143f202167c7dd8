using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Osmo.Workflows.Objects;

/// <summary>Writes the small YAML files of a pod. Texts are always quoted, so that no reader takes one for a number or a date.</summary>
internal static class YamlText
{
    public static string Of(JsonNode document)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(output, new EmitterSettings(
            bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: false, indentSequences: false, newLine: "\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return output.ToString();
    }

    private static void Write(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in map)
                {
                    emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, key, ScalarStyle.Any, isPlainImplicit: true, isQuotedImplicit: true));
                    Write(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            default:
                WriteScalar(emitter, node);
                break;
        }
    }

    private static void WriteScalar(Emitter emitter, JsonNode? node)
    {
        var isText = node?.GetValueKind() == JsonValueKind.String;
        var text = isText ? node!.GetValue<string>() : node?.ToJsonString() ?? "null";
        emitter.Emit(new Scalar(
            AnchorName.Empty, TagName.Empty, text, isText ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: !isText, isQuotedImplicit: isText));
    }
}
