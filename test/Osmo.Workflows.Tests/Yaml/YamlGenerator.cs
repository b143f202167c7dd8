using System.Text;

namespace Osmo.Workflows.Tests.Yaml;

/// <summary>Random YAML texts, well-formed and nearly so; the same seed gives the same texts.</summary>
internal sealed class YamlGenerator(int seed)
{
    private static readonly string[] Scalars =
    [
        "yes", "No", "ON", "off", "y", "N", "true", "False", "TRUE", "~", "null", "Null", "NULL", "nUll", "0", "-0", "010", "0777", "08",
            "0o17", "1_000", "0x1F", "0xg", "+5", "-7",
        "12:30", "1:30:00", "22:22", "8080:80", "1:60", "1.10", "22.04", ".5", "-.5", "1.", "1e3", "1e-8", "1.0e3", "1.0e+3", ".inf",
            "-.INF", ".nan", "._5", "1_0.5", "190:20:30.15",
        "2024-01-02", "2024-1-2", "2031-02-30", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "0b11", "0b_", "0b12", "__", "-",
            "--", "-x", "?x", ":x", "x:y", "x:", "a b", "a #b", "a#b",
        "'q'", "'it''s'", "\"d\\n\\x41\\u00e9\"", "\"\"", "''", "'12'", "\"yes\"", "*a", "&a x", "!!str 5", "!!int '7'", "!foo x", "! 5",
            "=", "<<", "@x", "`x", "%x", "|", ">", "[", "{", "é", "日本", "\\n", "a, b", "a]", "{{x}}",
        "s3://b/{{w}}/c", "http://h/p?q=1", "a\tb", "1,000", "0.1.2", "1-2", "12e03", "1.5E+3", "685_230", "0b1010_0111", "-0x1f", "+.inf",
            "0.", "00", "0_", "1__0", "+", "+-1", "1:2:3:4", "-1:30", "01:30",
    ];

    private static readonly string[] Keys =
        ["a", "b", "name", "<<", "1", "yes", "'q'", "x y", "1.0", "~", "é", "a", "b-c", "? a", "2024-01-02"];

    private static readonly string Alphabet = "ab01-_:.,'\"[]{}#&*!|>%@?+eE \t\n";

    private readonly Random _random = new(seed);

    public string Scalar() => _random.Next(3) switch
    {
        0 => Pick(Scalars) + Pick(Scalars),
        1 => Noise(_random.Next(1, 8)).Replace("\n", "", StringComparison.Ordinal),
        _ => Pick(Scalars),
    };

    /// <summary>One scalar as the value of a key, as an item of a list, or inside brackets.</summary>
    public string ScalarDocument() => _random.Next(3) switch
    {
        0 => $"a: {Scalar()}\n",
        1 => $"- {Scalar()}\n",
        _ => $"a: [{Scalar()}]\n",
    };

    /// <summary>Nested blocks and brackets; sometimes one place is damaged.</summary>
    public string Document()
    {
        var text = new StringBuilder();
        Block(text, indent: 0, depth: 0);
        return _random.Next(3) == 0 ? Damaged(text.ToString()) : text.ToString();
    }

    /// <summary>The text with up to three random edits.</summary>
    public string Damaged(string text)
    {
        var edits = _random.Next(1, 4);
        for (var i = 0; i < edits && text.Length > 0; i++)
        {
            var at = _random.Next(text.Length);
            text = _random.Next(4) switch
            {
                0 => text.Remove(at, 1),
                1 => text.Insert(at, Pick(Scalars)),
                2 => text.Insert(at, Alphabet[_random.Next(Alphabet.Length)].ToString()),
                _ => text[..at] + text[at..].Replace('\n', ' '),
            };
        }

        return text;
    }

    private void Block(StringBuilder text, int indent, int depth)
    {
        var isList = _random.Next(3) == 0;
        var count = _random.Next(1, 4);
        for (var i = 0; i < count; i++)
        {
            text.Append(' ', indent).Append(isList ? "-" : Pick(Keys) + ":");
            switch (_random.Next(depth > 3 ? 2 : 6))
            {
                case 0:
                    text.Append(' ').Append(Pick(Scalars)).Append(_random.Next(5) == 0 ? " # note" : "").Append('\n');
                    break;
                case 1:
                    text.Append(' ').Append(Flow(depth)).Append('\n');
                    break;
                case 2:
                    text.Append(Pick([" |", " >", " |-", " >+", " |2"])).Append('\n').Append(' ',
                        indent + 2).Append("line one\n").Append(' ', indent + 2).Append(Pick(["  deeper\n", "line two\n", "\n"]));
                    break;
                case 3:
                    text.Append(' ').Append(Pick(["&a", "&b", "!!map", ""])).Append('\n');
                    Block(text, indent + _random.Next(1, 4), depth + 1);
                    break;
                case 4:
                    text.Append(" 'multi\n").Append(' ', indent + 1).Append("line'\n");
                    break;
                default:
                    text.Append('\n');
                    Block(text, indent + 2, depth + 1);
                    break;
            }
        }
    }

    private string Flow(int depth)
    {
        var items = Enumerable.Range(0, _random.Next(0, 4))
            .Select(_ => _random.Next(4) == 0 && depth < 5 ? Flow(depth + 1) : Pick(Scalars)).ToList();
        return _random.Next(2) == 0
            ? $"[{string.Join(", ", items)}]"
            : $"{{{string.Join(", ", items.Select(item => $"{Pick(Keys)}: {item}"))}}}";
    }

    private string Noise(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => Alphabet[_random.Next(Alphabet.Length)]));

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
