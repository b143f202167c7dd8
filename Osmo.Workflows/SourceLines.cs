using System.Collections.Immutable;

namespace Osmo.Workflows;

/// <summary>
/// Which line of a file each line of a text came from that was made from it, so that a fault is shown where its author can mend it. All lines
/// count from 1.
/// </summary>
public sealed class SourceLines
{
    private readonly ImmutableArray<int> _lines;
    private readonly int _first;

    private SourceLines(ImmutableArray<int> lines, int first) => (_lines, _first) = (lines, first);

    /// <summary>The text is the file.</summary>
    public static SourceLines Same { get; } = new([], first: 1);

    /// <summary>The text is made of lines of the file, told for each; what is beyond them belongs to the last.</summary>
    public static SourceLines Of(ImmutableArray<int> lines) => new(lines, first: 1);

    /// <summary>The same lines of a section that stands in a file from <paramref name="first"/> on.</summary>
    public SourceLines From(int first) => new(_lines, first);

    /// <summary>Where a line of the text came from.</summary>
    public int this[int line] => _first - 1 + (_lines.IsEmpty ? line : _lines[Math.Clamp(line, 1, _lines.Length) - 1]);
}
