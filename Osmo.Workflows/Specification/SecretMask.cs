using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Hides what looks like a secret in the specification that others may read (contract: workflow-spec §11.1): values after names such as
/// key, token, password, and base64 that decodes to such. What runs, and what is submitted again, is the unmasked specification.
/// Names and keys of credentials, and references such as <c>$TOKEN</c> or <c>{{output}}</c>, are no secrets.
/// </summary>
public static partial class SecretMask
{
    public const string Mask = "[MASKED]";

    /// <summary>Shorter values are left alone.</summary>
    public const int ShortestSecret = 10;

    private const int LongestBase64 = 1 << 20;

    public static WorkflowSpec Apply(WorkflowSpec spec) => spec with
    {
        Groups = [.. spec.Groups.Select(group => group with { Tasks = [.. group.Tasks.Select(Task)] })],
    };

    /// <summary>
    /// Masks a text that is no specification, or not yet one: a template, or what was rejected. Line by line, so that a key does not name
    /// what stands below it.
    /// </summary>
    /// <param name="spec">The specification that became of it, whose credentials are no secrets; null when none did.</param>
    public static string Apply(string text, WorkflowSpec? spec)
    {
        var exempt = (spec?.Groups ?? []).SelectMany(group => group.Tasks).SelectMany(task => task.Credentials).SelectMany(Shown)
            .ToImmutableHashSet(StringComparer.Ordinal);
        return string.Join('\n', text.Split('\n').Select(line => Text(line, exempt)));
    }

    private static IEnumerable<string> Shown(CredentialUse use) =>
        use is CredentialUse.AsFiles files ? Names(use).Append(files.Directory) : Names(use);

    private static TaskSpec Task(TaskSpec task)
    {
        var exempt = task.Credentials.SelectMany(Names).ToImmutableHashSet(StringComparer.Ordinal);
        return task with
        {
            Command = [.. task.Command.Select(text => Text(text, exempt))],
            Args = Arguments(task.Args, exempt),
            Environment = [.. task.Environment.Select(entry => KeyValuePair.Create(entry.Key, Value(entry.Key, entry.Value, exempt)))],
            Files = [.. task.Files.Select(file => file with { Contents = Text(file.Contents, exempt) })],
            Inputs = [.. task.Inputs.Select(input => input is InputSpec.FromUrl url ? url with { Url = Text(url.Url, exempt) } : input)],
            Outputs = [.. task.Outputs.Select(output => output with { Url = Text(output.Url, exempt) })],
        };
    }

    private static IEnumerable<string> Names(CredentialUse use) =>
        use is CredentialUse.AsEnvironment environment
            ? environment.Variables.Select(variable => variable.Value).Prepend(use.Credential)
            : [use.Credential];

    /// <summary>An option such as <c>--token</c> names the argument after it.</summary>
    private static ImmutableArray<string> Arguments(ImmutableArray<string> args, ImmutableHashSet<string> exempt)
    {
        return [.. args.Select((text, i) => i > 0 && IsOption(args[i - 1]) ? Value(args[i - 1], text, exempt) : Text(text, exempt))];

        static bool IsOption(string argument) => argument.StartsWith('-') && !argument.Contains('=');
    }

    private static string Value(string name, string value, ImmutableHashSet<string> exempt) =>
        SecretName().IsMatch(name) && IsSecret(value, exempt) ? Mask : Text(value, exempt);

    private static string Text(string text, ImmutableHashSet<string> exempt)
    {
        if (text.Length < ShortestSecret)
        {
            return text;
        }

        var masked = Assignment().Replace(
            text, match => IsSecret(match.Groups["value"].Value, exempt) ? match.Groups["name"].Value + Mask : match.Value);
        return Base64().Replace(masked, match => DecodesToSecret(match.Value, exempt) ? Mask : match.Value);
    }

    private static bool IsSecret(string value, ImmutableHashSet<string> exempt) =>
        value.Length >= ShortestSecret && !exempt.Contains(value) && value != Mask && !Reference().IsMatch(value);

    private static bool DecodesToSecret(string fragment, ImmutableHashSet<string> exempt)
    {
        if (fragment.Length > LongestBase64)
        {
            return false;
        }

        var bytes = new byte[fragment.Length];
        return Convert.TryFromBase64String(fragment, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var text
            && Assignment().Matches(text).Any(match => IsSecret(match.Groups["value"].Value, exempt));
    }

    [GeneratedRegex("key|token|password|passwd|secret|auth|credential", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // TOKEN=value, "token": "value", Authorization: Bearer value, --token value
    [GeneratedRegex(
        """(?<name>(?:(?:key|token|password|passwd|secret|auth|credential)\w{0,64}["']?\s{0,8}[:=]\s{0,8}(?:(?:bearer|basic)\s{1,8})?|--[\w-]{0,64}(?:key|token|password|passwd|secret|auth|credential)[\w-]{0,64}\s{1,8})["']?)(?<value>[^\s"',;&]{10,})""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    /// <summary>A variable or a token that stands for the value.</summary>
    [GeneratedRegex(@"\A(?:\$[A-Z_][A-Z0-9_]*|\$\{[A-Z_][A-Z0-9_]*\}|\$\([A-Z_][A-Z0-9_]*\)|\{\{[^{}]*\}\})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{16,}={0,2}(?![A-Za-z0-9+/=])", RegexOptions.CultureInvariant)]
    private static partial Regex Base64();
}
