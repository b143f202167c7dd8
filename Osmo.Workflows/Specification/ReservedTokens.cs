using System.Globalization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Tokens that templates must leave alone, however often a text is rendered: <c>{{output}}</c>, <c>{{input:0}}</c>, ...
/// (contract: workflow-spec §3.3). They are taken out before rendering and put back afterwards, as opaque text everywhere: also in raw
/// blocks and in string literals of expressions.
/// </summary>
public sealed partial class ReservedTokens
{
    private const char FirstMark = '\ue000';
    private const char LastMark = '\uf8ff';

    private readonly string[] _tokens;
    private readonly char _mark;

    private ReservedTokens(string template, string[] tokens, char mark)
    {
        Template = template;
        _tokens = tokens;
        _mark = mark;
    }

    /// <summary>The text without tokens, for the template engine.</summary>
    public string Template { get; }

    public static ReservedTokens TakeOut(string template)
    {
        var tokens = new List<string>();
        var mark = UnusedMark(template);
        var shielded = TokenPattern().Replace(template, match =>
        {
            tokens.Add(match.Value);
            return string.Create(CultureInfo.InvariantCulture, $"{mark}{tokens.Count - 1}{mark}");
        });
        return new ReservedTokens(shielded, [.. tokens], mark);
    }

    public string PutBack(string rendered)
    {
        return _tokens.Length == 0 ? rendered : Regex.Replace(rendered, $"{_mark}([0-9]{{1,9}}){_mark}", Token);

        string Token(Match match)
        {
            var index = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            return index < _tokens.Length ? _tokens[index] : match.Value;
        }
    }

    /// <summary>A character of the private use area that the template does not hold.</summary>
    private static char UnusedMark(string template)
    {
        for (var mark = FirstMark; mark < LastMark; mark++)
        {
            if (!template.Contains(mark, StringComparison.Ordinal))
            {
                return mark;
            }
        }

        return LastMark;
    }

    [GeneratedRegex(@"\{\{(?:uuid|workflow_id|output|(?:input|host):[^}]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex TokenPattern();
}
