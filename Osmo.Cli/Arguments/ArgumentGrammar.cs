using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;

namespace Osmo.Cli.Arguments;

/// <summary>
/// The grammar that scripts for upstream's client rely on, put into the plainest form the parser knows: shortened long options, lists
/// that go on to the next option, values glued to short options, the last of several wins (contract: cli §5).
/// The result is <c>osmo's options, command, --option=value …, --, positionals</c>.
/// </summary>
internal sealed partial class ArgumentGrammar
{
    private readonly List<string> _result = [];
    private readonly List<(Option Option, string Word)> _options = [];
    private readonly List<string> _positionals = [];
    private readonly Command _root;
    private readonly Queue<string> _words;
    private Command _command;
    private string _path;

    private ArgumentGrammar(Command root, IEnumerable<string> words)
    {
        _root = root;
        _words = new Queue<string>(words);
        _command = root;
        _path = root.Name;
    }

    /// <exception cref="UsageException">An option or command that does not exist, or an option without its value.</exception>
    public static ImmutableArray<string> Canonical(Command root, IEnumerable<string> words) => new ArgumentGrammar(root, words).Read();

    private ImmutableArray<string> Read()
    {
        while (_words.TryDequeue(out var word))
        {
            if (word == "--")
            {
                _positionals.AddRange(_words);
                break;
            }

            if (!IsOption(word))
            {
                ReadWord(word);
            }
            else if (ReadOption(word) is HelpOption help)
            {
                return [.. _result, help.Name];
            }
        }

        _result.AddRange(_options.Select(option => option.Word));
        if (_positionals.Count > 0)
        {
            _result.Add("--");
            _result.AddRange(_positionals);
        }

        return [.. _result];
    }

    private void ReadWord(string word)
    {
        if (_command.Subcommands.Count == 0)
        {
            _positionals.Add(word);
            return;
        }

        _command = _command.Subcommands.FirstOrDefault(command => command.Name == word)
            ?? throw Fault(
                $"invalid choice: '{word}' (choose from {string.Join(", ", _command.Subcommands.Select(command => command.Name))})");
        _result.AddRange(_options.Select(option => option.Word));
        _options.Clear();
        _result.Add(word);
        _path += " " + word;
    }

    private Option ReadOption(string word)
    {
        var (option, value, isFlagGroup) = Find(word);
        if (option is HelpOption)
        {
            return option;
        }

        if (IsFlag(option))
        {
            return ReadFlag(option, value, isFlagGroup);
        }

        var values = value is not null ? [value] : Values(option);
        if (option is not WordsOption { Kind: WordsKind.AllLists or WordsKind.OneEach })
        {
            _options.RemoveAll(given => given.Option == option);
        }

        _options.AddRange(values.Select(text => (option, $"{option.Name}={text}")));
        return option;
    }

    private Option ReadFlag(Option option, string? rest, bool isFlagGroup)
    {
        if (rest is not null && !isFlagGroup)
        {
            throw Fault($"argument {option.Name}: takes no value, got '{rest}'");
        }

        _options.RemoveAll(given => given.Option == option);
        _options.Add((option, option.Name));
        return rest is null ? option : ReadOption("-" + rest);
    }

    /// <summary>The words that belong to an option which stands alone.</summary>
    private List<string> Values(Option option)
    {
        var isGreedy = option is WordsOption { Kind: WordsKind.LastList or WordsKind.AllLists };
        List<string> values = [];
        while ((isGreedy || values.Count == 0) && _words.TryPeek(out var next) && next != "--" && !IsOption(next))
        {
            values.Add(_words.Dequeue());
        }

        return values.Count > 0 ? values : throw Fault($"argument {option.Name}: expected {(isGreedy ? "at least " : "")}one argument");
    }

    /// <summary>The option a word names, and the value or flags that are glued to it.</summary>
    private (Option Option, string? Glued, bool IsFlagGroup) Find(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
        if (Known().FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name)) is { } exact)
        {
            return (exact, value, false);
        }

        if (!word.StartsWith("--", StringComparison.Ordinal))
        {
            var glued = Known().FirstOrDefault(option => option.Name == word[..2] || option.Aliases.Contains(word[..2]))
                ?? throw Fault($"unrecognized arguments: {word}");
            return (glued, word[2..], IsFlag(glued));
        }

        return Known().Where(option => option.Name.StartsWith(name, StringComparison.Ordinal)).ToList() switch
        {
            [var only] => (only, value, false),
            [] => throw Fault($"unrecognized arguments: {word}"),
            var several => throw Fault($"ambiguous option: {name} could match {string.Join(", ", several.Select(option => option.Name))}"),
        };
    }

    private IEnumerable<Option> Known() =>
        _command == _root ? _root.Options : _command.Options.Concat(_root.Options.Where(option => option.Recursive));

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool);

    /// <summary>As upstream's parser sees it: negative numbers, and text with a blank that only starts with a dash, are values.</summary>
    private static bool IsOption(string word) =>
        word.Length > 1 && word[0] == '-' && !NegativeNumber().IsMatch(word) && !word.Split('=')[0].Contains(' ');

    private UsageException Fault(string message) => new(_path, message);

    [GeneratedRegex(@"^-(?:\d+|\d*\.\d+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex NegativeNumber();
}
