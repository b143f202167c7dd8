using System.Collections.Immutable;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The normal form of a specification (contract: workflow-spec §11.1): <c>version: 2</c>, groups, sorted keys, defaults left out. It can
/// be submitted again: durations are written in one unit.
/// </summary>
public static class SpecWriter
{
    private const int Version = 2;

    public static string ToYaml(WorkflowSpec spec) => YamlWriter.Write(Map(
        ("version", new YamlValue.Int(Version)),
        ("workflow", Workflow(spec))));

    private static YamlValue.Map Workflow(WorkflowSpec spec) => Map(
        ("name", Text(spec.Name)),
        ("groups", List(spec.Groups, Group)),
        ("resources", Entries(spec.Resources, Resource)),
        ("labels", Entries(spec.Labels, Text)),
        ("timeout", spec.Timeout is { } timeout ? Timeout(timeout) : null));

    private static YamlValue.Map Group(GroupSpec group) => Map(
        ("name", Text(group.Name)),
        ("tasks", List(group.Tasks, Task)),
        ("barrier", Flag(group.Barrier, absent: true)),
        ("ignoreNonleadStatus", Flag(group.IgnoreNonleadStatus, absent: true)));

    private static YamlValue.Map Task(TaskSpec task) => Map(
        ("name", Text(task.Name)),
        ("image", Text(task.Image)),
        ("command", List(task.Command, Text)),
        ("args", List(task.Args, Text)),
        ("lead", Flag(task.Lead, absent: false)),
        ("inputs", List(task.Inputs, Input)),
        ("outputs", List(task.Outputs, output => Map(("url", Text(output.Url)), ("regex", Optional(output.Regex))))),
        ("kpis", List(task.Kpis, kpi => Map(("index", Text(kpi.Index)), ("path", Text(kpi.Path))))),
        ("environment", Entries(task.Environment, Text)),
        ("files", List(task.Files, File)),
        ("credentials", Entries([.. task.Credentials.Select(use => KeyValuePair.Create(use.Credential, Credential(use)))], value => value)),
        ("resource", Optional(task.Resource, absent: "default")),
        ("volumeMounts", List(task.VolumeMounts, Text)),
        ("privileged", Flag(task.Privileged, absent: false)),
        ("hostNetwork", Flag(task.HostNetwork, absent: false)),
        ("downloadType", Optional(task.DownloadType)),
        ("cacheSize", task.CacheSize is { } size ? Text(size) : null),
        ("exitActions", Entries([.. task.ExitActions.Select(action => KeyValuePair.Create(action.Key, action.Codes))], Text)),
        ("checkpoint", List(task.Checkpoint, Checkpoint)));

    private static YamlValue.Map Input(InputSpec input) => input switch
    {
        InputSpec.FromTask task => Map(("task", Text(task.Task)), ("regex", Optional(task.Regex))),
        InputSpec.FromOtherWorkflow other => Map(("task", Text($"{other.WorkflowId}:{other.Task}")), ("regex", Optional(other.Regex))),
        InputSpec.FromUrl url => Map(("url", Text(url.Url)), ("regex", Optional(url.Regex))),
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, "Not a kind of input."),
    };

    private static YamlValue.Map File(FileSpec file) => Map(
        ("path", Text(file.Path)),
        ("contents", Contents(file.Contents)),
        ("base64", Flag(file.Base64, absent: false)));

    /// <summary>A literal block without blanks at the ends of lines and without the last line end; the pods get the original.</summary>
    private static YamlValue.Text Contents(string contents)
    {
        var text = string.Join('\n', contents.Split('\n').Select(line => line.TrimEnd()));
        text = text.EndsWith('\n') ? text[..^1] : text;
        return new YamlValue.Text(text) { Literal = text.Length > 0 };
    }

    private static YamlValue Credential(CredentialUse use) => use switch
    {
        CredentialUse.AsFiles files => Text(files.Directory),
        CredentialUse.AsEnvironment environment => Entries(environment.Variables, Text) ?? YamlValue.Map.Empty,
        _ => throw new ArgumentOutOfRangeException(nameof(use), use, "Not a use of a credential."),
    };

    private static YamlValue.Map Checkpoint(CheckpointSpec checkpoint) => Map(
        ("path", Text(checkpoint.Path)),
        ("url", Text(checkpoint.Url)),
        ("frequency", Text(SpecDuration.Format(checkpoint.Frequency))),
        ("regex", Optional(checkpoint.Regex)));

    private static YamlValue.Map Resource(ResourceSpec resource) => Map(
        ("cpu", Number(resource.Cpu)),
        ("gpu", Number(resource.Gpu)),
        ("memory", Optional(resource.Memory)),
        ("storage", Optional(resource.Storage)),
        ("platform", Optional(resource.Platform)),
        ("nodesExcluded", List(resource.NodesExcluded, Text)),
        ("topology", List(resource.Topology, Topology)));

    private static YamlValue.Map Topology(TopologySpec topology) => Map(
        ("key", Text(topology.Key)),
        ("group", Optional(topology.Group, absent: "default")),
        ("requirementType", topology.Required ? null : Text("preferred")));

    private static YamlValue.Map Timeout(TimeoutSpec timeout) => Map(
        ("exec_timeout", Duration(timeout.ExecTimeout)),
        ("queue_timeout", Duration(timeout.QueueTimeout)));

    private static YamlValue Duration(TimeSpan? duration) =>
        duration is { } given ? Text(SpecDuration.Format(given)) : new YamlValue.Null();

    private static YamlValue.Text Text(string text) => new(text);

    private static YamlValue.Text? Optional(string? text, string absent = "") =>
        text is null || text == absent ? null : new YamlValue.Text(text);

    private static YamlValue.Bool? Flag(bool flag, bool absent) => flag == absent ? null : new YamlValue.Bool(flag);

    private static YamlValue.Int? Number(int? number) => number is { } given ? new YamlValue.Int(given) : null;

    private static YamlValue.List? List<T>(ImmutableArray<T> items, Func<T, YamlValue> write) =>
        items.IsEmpty ? null : new YamlValue.List([.. items.Select(write)]);

    private static YamlValue.Map? Entries<T>(ImmutableArray<KeyValuePair<string, T>> entries, Func<T, YamlValue> write) =>
        entries.IsEmpty ? null : new YamlValue.Map([.. entries.Select(entry => new YamlEntry(Text(entry.Key), write(entry.Value)))]);

    private static YamlValue.Map Map(params ReadOnlySpan<(string Key, YamlValue? Value)> members)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(members.Length);
        foreach (var (key, value) in members)
        {
            if (value is not null)
            {
                entries.Add(new YamlEntry(Text(key), value));
            }
        }

        return new YamlValue.Map(entries.ToImmutable());
    }
}
