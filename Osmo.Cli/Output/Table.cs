using System.Collections.Immutable;

namespace Osmo.Cli.Output;

/// <summary>
/// A table in the one layout that scripts know: header, a rule of <c>=</c> as wide as the table, rows; columns three spaces apart,
/// every line padded to full width, never wrapped (contract: cli §6).
/// </summary>
internal sealed class Table(params ImmutableArray<string> header)
{
    private const int GapChars = 3;

    private readonly List<ImmutableArray<string>> _rows = [];

    /// <summary>A second line of the header; null for none.</summary>
    public ImmutableArray<string>? SecondHeader { get; init; }

    /// <summary>Totals below a second rule; null for none.</summary>
    public ImmutableArray<string>? Sum { get; set; }

    public void Add(params ImmutableArray<string> row) => _rows.Add(row);

    public void WriteTo(TextWriter output)
    {
        ImmutableArray<ImmutableArray<string>> above = SecondHeader is { } second ? [header, second] : [header];
        ImmutableArray<ImmutableArray<string>> below = Sum is { } sum ? [sum] : [];
        var widths = header.Select((_, column) => above.Concat(_rows).Concat(below).Max(row => row[column].Length)).ToImmutableArray();
        var rule = new string('=', widths.Sum() + (GapChars * (widths.Length - 1)));

        WriteRows(output, above, widths);
        output.Write($"{rule}\n");
        WriteRows(output, _rows, widths);
        if (!below.IsEmpty)
        {
            output.Write($"{rule}\n");
            WriteRows(output, below, widths);
        }
    }

    private static void WriteRows(TextWriter output, IEnumerable<ImmutableArray<string>> rows, ImmutableArray<int> widths)
    {
        foreach (var row in rows)
        {
            output.Write(string.Join(new string(' ', GapChars), row.Select((cell, column) => cell.PadRight(widths[column]))));
            output.Write('\n');
        }
    }
}
