using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// Writes a value as a block-style YAML document with sorted keys that a YAML 1.1 loader reads back as the same value
/// (contract: workflow-spec §2.4 step 8, §11.1).
/// </summary>
public static class YamlWriter
{
    /// <param name="root">The document.</param>
    /// <param name="escapeNonAscii">Write characters beyond ASCII as escapes in double quotes.</param>
    public static string Write(YamlValue root, bool escapeNonAscii = false)
    {
        using var output = new EncodedStringWriter(escapeNonAscii ? Encoding.ASCII : Encoding.Unicode);
        var emitter = new Emitter(output, new EmitterSettings(
            bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: false, indentSequences: false, newLine: "\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return output.ToString();
    }

    private static void Write(Emitter emitter, YamlValue value)
    {
        switch (value)
        {
            case YamlValue.Map map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Entries.IsEmpty ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var entry in map.Entries.Order(KeyOrder.Instance))
                {
                    Write(emitter, entry.Key);
                    Write(emitter, entry.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case YamlValue.List list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Items.IsEmpty ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list.Items)
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case YamlValue.Text text:
                WriteText(emitter, text);
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, PlainScalar(value), ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static void WriteText(Emitter emitter, YamlValue.Text text)
    {
        var style = text.Literal ? ScalarStyle.Literal : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text.Value, style, isPlainImplicit: YamlScalars.IsPlainText(text.Value), isQuotedImplicit: true));
    }

    private static string PlainScalar(YamlValue value) => value switch
    {
        YamlValue.Null => "null",
        YamlValue.Bool flag => flag.Value ? "true" : "false",
        YamlValue.Int number => number.Value.ToString(CultureInfo.InvariantCulture),
        YamlValue.Float { Value: double.PositiveInfinity } => ".inf",
        YamlValue.Float { Value: double.NegativeInfinity } => "-.inf",
        YamlValue.Float { Value: double.NaN } => ".nan",
        YamlValue.Float number => WithPoint(PythonText.Of(number.Value)),
        YamlValue.Timestamp date => date.Source,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, "Not a plain scalar."),
    };

    /// <summary><c>1e-07</c> is text in YAML 1.1, <c>1.0e-07</c> a number.</summary>
    private static string WithPoint(string number) =>
        number.Contains('e', StringComparison.Ordinal) && !number.Contains('.', StringComparison.Ordinal)
            ? number.Replace("e", ".0e", StringComparison.Ordinal)
            : number;

    /// <summary>The emitter escapes what the encoding of its writer cannot hold.</summary>
    private sealed class EncodedStringWriter(Encoding encoding) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => encoding;
    }

    private sealed class KeyOrder : IComparer<YamlEntry>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(YamlEntry x, YamlEntry y) => (x.Key, y.Key) switch
        {
            (YamlValue.Text a, YamlValue.Text b) => string.CompareOrdinal(a.Value, b.Value),
            (YamlValue.Int a, YamlValue.Int b) => a.Value.CompareTo(b.Value),
            var (a, b) => a.GetType() == b.GetType()
                ? string.CompareOrdinal(PythonText.OfScalar(a), PythonText.OfScalar(b))
                : string.CompareOrdinal(a.GetType().Name, b.GetType().Name),
        };
    }
}
