using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// Writes a value as a block-style YAML document with sorted keys that a YAML 1.1 loader reads back as the same value
/// (contract: workflow-spec §2.4 step 8, §11.1). Texts of several lines are literal blocks where that is possible.
/// </summary>
public sealed class YamlWriter
{
    /// <summary>Readers take longer keys only after a '?'.</summary>
    private const int LongestPlainKey = 1000;

    private const int Step = 2;

    private readonly StringBuilder _output = new();
    private readonly YamlScalarStyle _style;

    private YamlWriter(bool escapeNonAscii) => _style = new YamlScalarStyle(escapeNonAscii);

    /// <param name="root">The document.</param>
    /// <param name="escapeNonAscii">Write characters beyond ASCII as escapes in double quotes.</param>
    public static string Write(YamlValue root, bool escapeNonAscii = false)
    {
        var writer = new YamlWriter(escapeNonAscii);
        writer.WriteRoot(root);
        return writer._output.ToString();
    }

    private void WriteRoot(YamlValue root)
    {
        switch (root)
        {
            case YamlValue.Map { Entries.IsEmpty: false } map:
                WriteMap(map, column: 0, onSameLine: true);
                break;
            case YamlValue.List { Items.IsEmpty: false } list:
                WriteList(list, column: 0, onSameLine: true);
                break;
            default:
                _output.Append(Inline(root)).Append('\n');
                break;
        }
    }

    /// <param name="map">Not empty.</param>
    /// <param name="column">Where its keys stand.</param>
    /// <param name="onSameLine">Whether the first key follows what is already on the line.</param>
    private void WriteMap(YamlValue.Map map, int column, bool onSameLine)
    {
        foreach (var entry in map.Entries.Order(KeyOrder.Instance))
        {
            if (!onSameLine)
            {
                _output.Append(' ', column);
            }

            onSameLine = false;
            var key = Inline(entry.Key);
            _output.Append(key.Length > LongestPlainKey ? $"? {key}\n{new string(' ', column)}:" : $"{key}:");
            WriteAfterIndicator(entry.Value, column, listColumn: column, onSameLine: false);
        }
    }

    private void WriteList(YamlValue.List list, int column, bool onSameLine)
    {
        foreach (var item in list.Items)
        {
            if (!onSameLine)
            {
                _output.Append(' ', column);
            }

            onSameLine = false;
            _output.Append('-');
            WriteAfterIndicator(item, column, listColumn: column + Step, onSameLine: true);
        }
    }

    /// <summary>Lists stand below their key; collections in a list begin on the line of their '-'.</summary>
    private void WriteAfterIndicator(YamlValue value, int column, int listColumn, bool onSameLine)
    {
        switch (value)
        {
            case YamlValue.Map { Entries.IsEmpty: false } map:
                _output.Append(onSameLine ? ' ' : '\n');
                WriteMap(map, column + Step, onSameLine);
                break;
            case YamlValue.List { Items.IsEmpty: false } list:
                _output.Append(onSameLine ? ' ' : '\n');
                WriteList(list, listColumn, onSameLine);
                break;
            case YamlValue.Text text when (text.Literal || text.Value.Contains('\n', StringComparison.Ordinal))
                && _style.CanBeLiteral(text.Value):
                WriteLiteral(text.Value, column + Step);
                break;
            default:
                _output.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private void WriteLiteral(string text, int column)
    {
        var chomping = !text.EndsWith('\n') ? "-" : text.EndsWith("\n\n", StringComparison.Ordinal) ? "+" : "";
        _output.Append(" |").Append(text[0] is ' ' or '\n' ? $"{Step}" : "").Append(chomping).Append('\n');
        foreach (var line in (text.EndsWith('\n') ? text[..^1] : text).Split('\n'))
        {
            _output.Append(' ', line.Length > 0 ? column : 0).Append(line).Append('\n');
        }
    }

    private string Inline(YamlValue value) => value switch
    {
        YamlValue.Null => "null",
        YamlValue.Bool flag => flag.Value ? "true" : "false",
        YamlValue.Int number => number.Value.ToString(CultureInfo.InvariantCulture),
        YamlValue.Float { Value: double.PositiveInfinity } => ".inf",
        YamlValue.Float { Value: double.NegativeInfinity } => "-.inf",
        YamlValue.Float { Value: double.NaN } => ".nan",
        YamlValue.Float number => WithPoint(PythonText.Of(number.Value)),
        YamlValue.Timestamp date => date.Source,
        YamlValue.Text text => _style.Inline(text.Value),
        YamlValue.List => "[]",
        YamlValue.Map => "{}",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, "Not a YAML value."),
    };

    /// <summary><c>1e-07</c> is text in YAML 1.1, <c>1.0e-07</c> a number.</summary>
    private static string WithPoint(string number) =>
        number.Contains('e', StringComparison.Ordinal) && !number.Contains('.', StringComparison.Ordinal)
            ? number.Replace("e", ".0e", StringComparison.Ordinal)
            : number;

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
