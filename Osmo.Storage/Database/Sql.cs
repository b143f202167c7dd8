using System.Runtime.CompilerServices;
using System.Text;

namespace Osmo.Storage.Database;

/// <summary>
/// SQL text with its parameters. Write it as an interpolated string: literal parts are SQL, holes become parameters,
/// and a hole that is itself <see cref="Sql"/> is spliced in. So no value can ever become SQL.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Sql
{
    private readonly List<Part> _parts;

    public Sql(int literalLength, int formattedCount) => _parts = new(2 * formattedCount + 1);

    private Sql(string text) => _parts = [new(text, null)];

    /// <summary>Text from the program itself: names of tables and columns, keywords, literals that an index predicate must see.</summary>
    public static Sql Raw(string text) => new(text);

    public static Sql Of(Sql sql) => sql;

    public static Sql Join(string separator, IEnumerable<Sql> parts)
    {
        var joined = new Sql(0, 8);
        foreach (var part in parts)
        {
            if (joined._parts.Count > 0) joined.AppendLiteral(separator);
            joined.AppendFormatted(part);
        }
        return joined;
    }

    /// <summary><c>(a, b, c)</c> with a parameter for each value.</summary>
    public static Sql List(IEnumerable<string> values) => $"({Join(", ", values.Select(value => Of($"{value}")))})";

    public void AppendLiteral(string value) => _parts.Add(new(value, null));

    public void AppendFormatted(string value) => _parts.Add(new(null, value));

    public void AppendFormatted(long value) => _parts.Add(new(null, value));

    public void AppendFormatted(Sql sql) => _parts.AddRange(sql._parts);

    /// <summary>The text with parameters <c>$1</c>, <c>$2</c>, …, a form both databases know, and their values in order.</summary>
    public (string Text, IReadOnlyList<object> Parameters) Render()
    {
        var text = new StringBuilder(256);
        var parameters = new List<object>();
        foreach (var part in _parts)
        {
            if (part.Text is { } literal)
            {
                text.Append(literal);
            }
            else
            {
                parameters.Add(part.Value!);
                text.Append('$').Append(parameters.Count);
            }
        }
        return (text.ToString(), parameters);
    }

    private readonly record struct Part(string? Text, object? Value);
}
