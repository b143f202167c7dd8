using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>One task (contract: workflow-spec §6.3).</summary>
internal static class TaskShape
{
    private static readonly Shape<YamlValue> DownloadTypeValue = new CustomShape<YamlValue>(
        (Reading at, [MaybeNullWhen(false)] out YamlValue value) =>
        {
            value = at.Value;
            return true;
        },
        _ => new JsonObject { ["enum"] = new JsonArray("download", null) });

    public static readonly Shape<TaskSpec> Task = Create();

    private static ObjectShape<TaskSpec> Create()
    {
        var o = new ObjectShape<TaskSpec>("task", "One container that runs a command to its end.");
        var name = o.Required("name", Shapes.TaskName, "Unique in the workflow, also without regard to case and between '_' and '-'.");
        var image = o.Required("image", Shapes.Text, "Container image.");
        var command = o.Required("command", Shapes.Texts, "The process to run, without a shell; at least one element.");
        var args = o.Optional("args", Shapes.Texts, [], "Appended to the command.");
        var lead = o.Optional("lead", Shapes.Bool, false, "When the lead ends, its group ends.");
        var inputs = o.Optional(
            "inputs", new ListShape<InputSpec>(TaskPartShapes.Input), [], "Downloaded to {{input:0}}, {{input:1}}, ...");
        var outputs = o.Optional("outputs", new ListShape<OutputSpec>(TaskPartShapes.Output), [], "Where {{output}} is uploaded to.");
        var kpis = o.Optional("kpis", new ListShape<KpiSpec>(TaskPartShapes.Kpi), [], "Result files to keep.");
        var environment = o.Optional("environment", new MapShape<string>(Shapes.Printed, printedKeys: true), [], "Environment variables.");
        var files = o.Optional("files", new ListShape<FileSpec>(TaskPartShapes.File), [], "Files to put into the container.");
        var credentials = o.Optional(
            "credentials", CredentialShape.Credentials, [], "Credentials of the user, as files or environment variables.");
        var resource = o.Optional("resource", Shapes.Text, "default", "Key into the workflow's resources.");
        var mounts = o.Optional("volumeMounts", Shapes.Texts, [], "Host paths, SRC or SRC:DST, that the platform allows.");
        var privileged = o.Optional("privileged", Shapes.Bool, false, "Run privileged, where the platform allows it.");
        var hostNetwork = o.Optional("hostNetwork", Shapes.Bool, false, "Use the host's network, where the platform allows it.");
        var downloadType = o.Optional(
            "downloadType", DownloadTypeValue, new YamlValue.Null(), "How inputs are brought; 'download' is the only way.");
        var cacheSize = o.Optional(
            "cacheSize", new NullableShape<string>(Shapes.Text), null, "Part of the storage for the cache: a percentage or a quantity.");
        var exitActions = o.Optional("exitActions", new MapShape<string>(Shapes.Printed, printedKeys: true), [],
            "COMPLETE, FAIL, RESCHEDULE to exit codes such as 1,10-20.");
        var checkpoint = o.Optional(
            "checkpoint", new ListShape<CheckpointSpec>(TaskPartShapes.Checkpoint), [], "Folders to upload while the task runs.");
        o.Optional("resources", ResourceShape.Resource, new ResourceSpec(), "Ignored; use resource.");
        o.Optional("backend", Shapes.Text, "", "Ignored; set by the pool.");

        return o
            .Rule([name], (v, at) => HasFreeName(v.Get(name), at))
            .Rule([name, command], (v, at) => !v.Get(command).IsEmpty || at.At("command").FailRule(
                $"Container {v.Get(name)} should have at least one command."))
            .Rule([name, files], (v, at) => HasDistinctFiles(v.Get(name), v.Get(files), at))
            .Rule([name, downloadType], (v, at) => HasKnownDownloadType(v.Get(name), v.Get(downloadType), at))
            .Rule([name, exitActions], (v, at) => HasValidExitActions(v.Get(name), v.Get(exitActions), at))
            .Build(v => new TaskSpec
            {
                Name = v.Get(name),
                Image = v.Get(image),
                Command = v.Get(command),
                Args = v.Get(args),
                Lead = v.Get(lead),
                Inputs = v.Get(inputs),
                Outputs = v.Get(outputs),
                Kpis = v.Get(kpis),
                Environment = v.Get(environment),
                Files = v.Get(files),
                Credentials = v.Get(credentials),
                Resource = v.Get(resource),
                VolumeMounts = v.Get(mounts),
                Privileged = v.Get(privileged),
                HostNetwork = v.Get(hostNetwork),
                DownloadType = (v.Get(downloadType) as YamlValue.Text)?.Value,
                CacheSize = v.Get(cacheSize),
                ExitActions = [.. v.Get(exitActions).Select(ToExitAction)],
                Checkpoint = v.Get(checkpoint),
            });
    }

    private static ExitActionSpec ToExitAction(KeyValuePair<string, string> entry) =>
        TryParseAction(entry.Key, out var action)
            ? new ExitActionSpec(action, entry.Value, entry.Key)
            : throw new InvalidOperationException("Exit actions are checked before they are built.");

    private static bool TryParseAction(string name, out ExitActionKind action) =>
        WireEnum<ExitActionKind>.TryParse(name.ToUpperInvariant(), out action);

    private static bool HasFreeName(string name, Reading at) =>
        SpecName.Canonical(name) != SpecName.ReservedTaskName
        || at.At("name").FailRule($"Container {name} cannot be named \"{SpecName.ReservedTaskName}\". This is a restricted name.");

    private static bool HasDistinctFiles(string task, ImmutableArray<FileSpec> files, Reading at)
    {
        if (files.Length <= 1)
        {
            return true;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var complete = true;
        for (var i = 0; i < files.Length; i++)
        {
            if (!seen.Add(files[i].Path))
            {
                var list = at.At("files");
                var item = list.At($"{i}", ((YamlValue.List)list.Value).Items[i]);
                complete = item.FailRule(
                    $"Task \"{task}\" has multiple files at the same path \"{files[i].Path}\". Each file path must be unique.");
            }
        }

        return complete;
    }

    private static bool HasKnownDownloadType(string task, YamlValue type, Reading at) => type switch
    {
        YamlValue.Null or YamlValue.Text { Value: "download" } => true,
        YamlValue.Text text => at.At("downloadType").FailRule(
            $"Task \"{task}\" uses invalid downloadType \"{text.Value}\". Valid types are: ['download']", "download"),
        _ => at.At("downloadType").FailRule($"Task \"{task}\" has unsupported downloadType type: {PythonText.TypeName(type)}", "download"),
    };

    private static bool HasValidExitActions(string task, ImmutableArray<KeyValuePair<string, string>> actions, Reading at)
    {
        var complete = true;
        foreach (var (key, codes) in actions)
        {
            if (!TryParseAction(key, out _))
            {
                complete = at.At("exitActions").At(key).FailRule(
                    $"Invalid exit action {key} for task {task}.", string.Join(", ", WireEnum<ExitActionKind>.AllNames));
            }
            else if (!ExitCodeRanges.TryParse(codes, out _))
            {
                complete = at.At("exitActions").At(key).FailRule($"Invalid exit codes {codes} for action {key} for task {task}.",
                    "codes and inclusive ranges joined by commas, such as 1,10-20");
            }
        }

        return complete;
    }
}
