using System.Collections.Immutable;
using System.CommandLine;

namespace Osmo.Cli.Arguments;

/// <summary>How an option takes its words (contract: cli §5).</summary>
internal enum WordsKind
{
    /// <summary>All words up to the next option; given again, the last list counts.</summary>
    LastList = 1,

    /// <summary>All words up to the next option; given again, the lists are joined.</summary>
    AllLists,

    /// <summary>One word each time it is given.</summary>
    OneEach,
}

/// <summary>An option with several values.</summary>
internal sealed class WordsOption : Option<string[]>
{
    public WordsOption(string name, string? alias, WordsKind kind, string description)
        : base(name, alias is null ? [] : [alias])
    {
        Kind = kind;
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        HelpName = name.TrimStart('-').ToUpperInvariant();
    }

    public WordsKind Kind { get; }

    /// <summary>The words given; none when the option is absent.</summary>
    public ImmutableArray<string> In(ParseResult arguments) => [.. arguments.GetValue(this) ?? []];
}
