namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Notes for each line that is printed which line of the template it came from.</summary>
internal sealed class LineOrigins(Budget budget)
{
    private const int BytesPerLine = 8;

    private readonly List<int> _lines = [1];
    private bool _isNewLine = true;

    public SourceLines Lines => SourceLines.Of([.. _lines]);

    /// <param name="text">What is printed.</param>
    /// <param name="line">Where it, or the tag that prints it, stands in the template.</param>
    /// <param name="isVerbatim">The text stands so in the template: its second line is the template's next one.</param>
    public void Add(string text, int line, bool isVerbatim)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_isNewLine)
        {
            _lines[^1] = line;
        }

        for (var at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            budget.Allocate(BytesPerLine);
            line += isVerbatim ? 1 : 0;
            _lines.Add(line);
        }

        _isNewLine = text[^1] == '\n';
    }
}
