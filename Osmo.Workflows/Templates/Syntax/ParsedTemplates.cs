using System.Collections.Concurrent;
using System.Collections.Immutable;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>
/// Templates parsed once: the short ones of resource rules and pod templates come again with every submission and every pod. Long ones are
/// somebody's specification, and parsed each time.
/// </summary>
internal sealed class ParsedTemplates
{
    private const int LengthMax = 512;

    /// <summary>When as many are kept, all are forgotten and begin anew.</summary>
    private const int CountMax = 1024;

    private readonly ConcurrentDictionary<string, ImmutableArray<Statement>> _known = new(StringComparer.Ordinal);

    /// <exception cref="TemplateException">It is no template.</exception>
    public ImmutableArray<Statement> Parse(string template, Budget budget)
    {
        if (_known.TryGetValue(template, out var statements))
        {
            return statements;
        }

        statements = new Parser(new Lexer(template, budget).Tokens(), budget).ParseTemplate();
        if (template.Length <= LengthMax)
        {
            if (_known.Count >= CountMax)
            {
                _known.Clear();
            }

            _known.TryAdd(template, statements);
        }

        return statements;
    }
}
