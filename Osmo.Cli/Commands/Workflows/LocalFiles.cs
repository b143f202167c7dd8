using Osmo.Cli.Client;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>Puts the files that a specification names by <c>localpath</c> into it as <c>contents</c> (contract: cli §12 step 4).</summary>
/// <param name="directory">Relative paths start here.</param>
internal sealed class LocalFiles(string directory)
{
    public const string LocalPath = "localpath";
    private const string Contents = "contents";

    /// <exception cref="CommandException">A file is not there, or is no text.</exception>
    public YamlValue Inline(YamlValue document) => In(document, "workflow", workflow =>
        In(In(workflow, "tasks", EachTask), "groups", groups => Each(groups, group => In(group, "tasks", EachTask))));

    private YamlValue EachTask(YamlValue tasks) => Each(tasks, task => In(task, "files", files => Each(files, InlineFile)));

    private YamlValue InlineFile(YamlValue file)
    {
        if (file is not YamlValue.Map map || map.Find(LocalPath) is not { } path)
        {
            return file;
        }

        if (map.Find(Contents) is not null)
        {
            throw new CommandException("Files tag dont support contents and localpath together", ExitCodes.Submission);
        }

        var text = WorkflowFile.ReadLocal(Path.Combine(directory, PythonText.OfScalar(path) ?? ""));
        var others = map with { Entries = [.. map.Entries.Where(entry => entry.Key is not YamlValue.Text { Value: LocalPath })] };
        return others.With(Contents, new YamlValue.Text(text) { Position = path.Position });
    }

    /// <summary>The map with one value changed; anything else as it is, for the service to judge.</summary>
    private static YamlValue In(YamlValue value, string key, Func<YamlValue, YamlValue> change) =>
        value is YamlValue.Map map && map.Find(key) is { } found ? map.With(key, change(found)) : value;

    private static YamlValue Each(YamlValue value, Func<YamlValue, YamlValue> change) =>
        value is YamlValue.List list ? list with { Items = [.. list.Items.Select(change)] } : value;
}
