using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>Inputs, outputs, KPIs, files, checkpoints (contract: workflow-spec §6.4–§6.6, §6.11).</summary>
internal static class TaskPartShapes
{
    private static readonly ObjectShape<InputSpec> TaskInput = CreateTaskInput();

    private static readonly ObjectShape<InputSpec> UrlInput = CreateUrlInput();

    /// <summary>Exactly one of the two; which one is told by the key that is there.</summary>
    public static readonly Shape<InputSpec> Input = new CustomShape<InputSpec>(TryReadInput, DescribeInput);

    public static readonly Shape<OutputSpec> Output = CreateOutput();

    public static readonly Shape<KpiSpec> Kpi = CreateKpi();

    public static readonly Shape<FileSpec> File = CreateFile();

    public static readonly Shape<CheckpointSpec> Checkpoint = CreateCheckpoint();

    private static bool TryReadInput(Reading at, [MaybeNullWhen(false)] out InputSpec value)
    {
        value = null;
        if (at.Value is not YamlValue.Map map)
        {
            return at.Fail("Input should be a valid dictionary", "a map with the key task, or with the key url");
        }

        return (map.Find("task"), map.Find("url")) switch
        {
            (not null, not null) => at.At("url").Fail("Extra inputs are not permitted: an input has either task or url", "task or url"),
            (not null, null) => TaskInput.TryRead(at, out value),
            (null, not null) => UrlInput.TryRead(at, out value),
            _ => FailOnNeither(at, map),
        };
    }

    private static bool FailOnNeither(Reading at, YamlValue.Map map)
    {
        at.FailMissing("Field required: an input has either task or url", "task or url");
        foreach (var key in map.Entries.Select(entry => entry.Key).OfType<YamlValue.Text>().Where(key => key.Value != "regex"))
        {
            at.At(key.Value, key).Fail("Extra inputs are not permitted", "task, url, regex");
        }

        return false;
    }

    private static JsonObject DescribeInput(JsonObject definitions) =>
        new() { ["oneOf"] = new JsonArray(TaskInput.Describe(definitions), UrlInput.Describe(definitions)) };

    private static ObjectShape<InputSpec> CreateTaskInput()
    {
        var o = new ObjectShape<InputSpec>("taskInput", "The output of a task.");
        var task = o.Required("task", new TextShape(fromNumbers: false, SpecName.TaskReferencePattern()),
            "A task defined earlier, or WORKFLOW_ID:TASK of a finished workflow.");
        var regex = o.Optional("regex", Shapes.PythonPattern, "", "Which objects to take; matched from the start of the relative path.");
        return o.Build(v => v.Get(task).Split(':') is [var workflow, var other]
            ? new InputSpec.FromOtherWorkflow(workflow, other, v.Get(regex))
            : new InputSpec.FromTask(v.Get(task), v.Get(regex)));
    }

    private static ObjectShape<InputSpec> CreateUrlInput()
    {
        var o = new ObjectShape<InputSpec>("urlInput", "Objects of a storage URL.");
        var url = o.Required("url", Shapes.StrictText, "Storage URL.");
        var regex = o.Optional("regex", Shapes.PythonPattern, "", "Which objects to take; matched from the start of the relative path.");
        return o.Build(v => new InputSpec.FromUrl(v.Get(url), v.Get(regex)));
    }

    private static ObjectShape<OutputSpec> CreateOutput()
    {
        var o = new ObjectShape<OutputSpec>("output", "Where the output folder is uploaded to.");
        var url = o.Required("url", Shapes.StrictText, "Storage URL.");
        var regex = o.Optional("regex", Shapes.PythonPattern, "", "Which files to upload.");
        return o.Build(v => new OutputSpec(v.Get(url), v.Get(regex)));
    }

    private static ObjectShape<KpiSpec> CreateKpi()
    {
        var o = new ObjectShape<KpiSpec>("kpi", "A file of the output folder that is kept with the workflow's data.");
        var index = o.Required("index", Shapes.Text, "Name of the KPI.");
        var path = o.Required("path", Shapes.Text, "Path relative to the output folder.");
        return o.Build(v => new KpiSpec(v.Get(index), v.Get(path)));
    }

    private static ObjectShape<FileSpec> CreateFile()
    {
        var o = new ObjectShape<FileSpec>("file", "A file put into the task's container.");
        var path = o.Required("path", new CheckedShape<string>(
            Shapes.Text,
            (path, at) => FilePath.IsAllowed(path) || at.FailRule($"Empty path or adding file to \"/osmo\" is forbidden for file: {path}",
                "a path outside /osmo, or below {{output}}")), "Where the file goes.");
        var contents = o.Required("contents", Shapes.Text, "Its text.");
        var base64 = o.Optional("base64", Shapes.Bool, false, "Whether contents are base64 already.");
        return o.Build(v => new FileSpec(v.Get(path), v.Get(contents), v.Get(base64)));
    }

    private static ObjectShape<CheckpointSpec> CreateCheckpoint()
    {
        var o = new ObjectShape<CheckpointSpec>("checkpoint", "A folder that is uploaded again and again while the task runs.");
        var path = o.Required("path", Shapes.StrictText, "Local folder.");
        var url = o.Required("url", new TextShape(fromNumbers: false, StorageUrl.Pattern()), "Storage URL.");
        var frequency = o.Required(
            "frequency", new CustomShape<TimeSpan>(TryReadFrequency, Shapes.DurationText.Describe), "Time between two uploads.");
        var regex = o.Optional("regex", Shapes.PythonPattern, "", "Which files to upload.");
        return o.Build(v => new CheckpointSpec(v.Get(path), v.Get(url), v.Get(frequency), v.Get(regex)));
    }

    private static bool TryReadFrequency(Reading at, out TimeSpan value)
    {
        value = default;
        return at.Value is YamlValue.Bool
            ? at.FailRule("Checkpoint frequency must be a duration, not a boolean", $"{SpecDuration.Allowed}, or a number of seconds")
            : Shapes.DurationText.TryRead(at, out value);
    }
}
