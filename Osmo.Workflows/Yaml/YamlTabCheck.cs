using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// Finds tabs outside quotes, comments and block scalars, which YAML 1.1 loaders refuse and the parser lets pass
/// (contract: workflow-spec §5). Follows the parser's events; what lies between two events is blanks, indicators and comments.
/// </summary>
internal sealed class YamlTabCheck(string text)
{
    private int _checked;

    public void Visit(ParsingEvent current)
    {
        if (current is not Scalar scalar || scalar.End.Index <= scalar.Start.Index)
        {
            return;
        }

        CheckGap((int)scalar.Start.Index);
        if (scalar.Style == ScalarStyle.Plain)
        {
            CheckGap((int)scalar.End.Index);
        }

        _checked = Math.Max(_checked, (int)scalar.End.Index);
    }

    public void Finish() => CheckGap(text.Length);

    private void CheckGap(int end)
    {
        var inComment = false;
        for (; _checked < end && _checked < text.Length; _checked++)
        {
            switch (text[_checked])
            {
                case '\n' or '\r':
                    inComment = false;
                    break;
                case '#' when _checked == 0 || text[_checked - 1] is ' ' or '\n' or '\r' or '\t':
                    inComment = true;
                    break;
                case '\t' when !inComment:
                    var line = text.AsSpan(0, _checked).Count('\n');
                    var column = _checked - (text.LastIndexOf('\n', _checked) + 1);
                    var mark = new Mark(_checked, line + 1, column + 1);
                    throw new SyntaxErrorException(mark, mark, "Found a tab that cannot start any token; use spaces.");
            }
        }
    }
}
