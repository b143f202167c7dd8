using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// Replaces the tokens that are known only when a group is built (contract: workflow-spec §7). Everything that is no such token stays as it
/// is.
/// </summary>
internal sealed partial class TokenSubstitution
{
    private readonly string _workflowId;
    private readonly IReadOnlyDictionary<string, string> _hosts;
    private readonly ImmutableArray<InputSpec> _inputs;

    private TokenSubstitution(string workflowId, IReadOnlyDictionary<string, string> hosts, ImmutableArray<InputSpec> inputs)
    {
        _workflowId = workflowId;
        _hosts = hosts;
        _inputs = inputs;
    }

    /// <param name="task">As the author wrote it.</param>
    /// <param name="workflowId">The final one.</param>
    /// <param name="hosts">Addresses of the tasks of the same group, by name.</param>
    public static TaskSpec Apply(TaskSpec task, string workflowId, IReadOnlyDictionary<string, string> hosts) =>
        new TokenSubstitution(workflowId, hosts, task.Inputs).Apply(task);

    private TaskSpec Apply(TaskSpec task) => task with
    {
        Image = Text(task.Image),
        Command = Texts(task.Command),
        Args = Texts(task.Args),
        Environment = Pairs(task.Environment),
        Inputs = [.. task.Inputs.Select(Input)],
        Outputs = [.. task.Outputs.Select(output => new OutputSpec(Text(output.Url), Text(output.Regex)))],
        Kpis = [.. task.Kpis.Select(kpi => kpi with { Path = Text(kpi.Path) })],
        Files = [.. task.Files.Select(File)],
        Credentials = [.. task.Credentials.Select(Credential)],
        VolumeMounts = Texts(task.VolumeMounts),
        Checkpoint =
            [.. task.Checkpoint.Select(point => point with { Path = Text(point.Path), Url = Text(point.Url), Regex = Text(point.Regex) })],
    };

    private InputSpec Input(InputSpec input) => input is InputSpec.FromUrl url
        ? url with { Url = Text(url.Url), Regex = Text(url.Regex) }
        : input with { Regex = Text(input.Regex) };

    private FileSpec File(FileSpec file) =>
        file with { Path = Text(file.Path), Contents = file.Base64 ? file.Contents : Text(file.Contents) };

    private CredentialUse Credential(CredentialUse use) => use switch
    {
        CredentialUse.AsFiles files => files with { Directory = Text(files.Directory) },
        CredentialUse.AsEnvironment environment => environment with { Variables = Pairs(environment.Variables) },
        _ => use,
    };

    private ImmutableArray<string> Texts(ImmutableArray<string> texts) => [.. texts.Select(Text)];

    private ImmutableArray<KeyValuePair<string, string>> Pairs(ImmutableArray<KeyValuePair<string, string>> pairs) =>
        [.. pairs.Select(pair => new KeyValuePair<string, string>(Text(pair.Key), Text(pair.Value)))];

    private string Text(string text) =>
        text.Contains("{{", StringComparison.Ordinal) ? Token().Replace(text, match => Value(match.Groups[1].Value) ?? match.Value) : text;

    private string? Value(string token) => token switch
    {
        "workflow_id" => _workflowId,
        "output" => "/osmo/data/output",
        _ when token.StartsWith("host:", StringComparison.Ordinal) => _hosts.GetValueOrDefault(token["host:".Length..]),
        _ when token.StartsWith("input:", StringComparison.Ordinal) => InputFolder(token["input:".Length..]),
        _ => null,
    };

    private string? InputFolder(string reference)
    {
        var index = int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < _inputs.Length
            ? number
            : _inputs.ToList().FindIndex(input => TaskOf(input) == reference);
        return index < 0 ? null : $"/osmo/data/input/{index}";
    }

    private static string? TaskOf(InputSpec input) => input switch
    {
        InputSpec.FromTask from => from.Task,
        InputSpec.FromOtherWorkflow from => from.Task,
        _ => null,
    };

    [GeneratedRegex(@"\{\{\s*(workflow_id|output|input:[^\s{}]+|host:[^\s{}]+)\s*\}\}")]
    private static partial Regex Token();
}
