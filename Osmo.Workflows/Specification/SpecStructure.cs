using System.Collections.Immutable;
using System.Globalization;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification.Schema;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Brings a document into the normal shape and checks how its parts refer to each other (contract: workflow-spec §8.3), in the order
/// of the contract: the first check that fails decides, and reports all its faults.
/// </summary>
internal sealed class SpecStructure
{
    private const string DefaultResource = "default";

    private readonly WorkflowDocument _document;
    private readonly SpecLocator _locator;
    private readonly PoolModel? _pool;
    private readonly ImmutableArray<GroupSpec> _groups;

    private SpecStructure(WorkflowDocument document, SpecLocator locator, PoolModel? pool)
    {
        _document = document;
        _locator = locator;
        _pool = pool;
        _groups = document.Groups.IsEmpty ? [.. document.Tasks.Select(Wrap)] : document.Groups;
    }

    /// <summary>Without a pool, platforms stay open and topology keys are not looked up; without limits, tasks are not counted.</summary>
    public static SpecOutcome Build(WorkflowDocument document, SpecLocator locator, PoolModel? pool, int? maxTasks)
    {
        var structure = new SpecStructure(document, locator, pool);
        var resources = structure.WithPlatforms(out var withoutPlatform);
        var rejection = structure.MissingInputs() ?? structure.InputsOutOfOrder() ?? withoutPlatform ?? structure.UnknownTopologyKeys()
            ?? structure.UnknownResources() ?? structure.NameClash() ?? structure.TooManyTasks(maxTasks);
        return rejection is not null
            ? new SpecOutcome.Rejected(rejection)
            : new SpecOutcome.Accepted(
                new WorkflowSpec
                {
                    Name = document.Name,
                    Groups = structure._groups,
                    Resources = resources,
                    Timeout = document.Timeout,
                    Labels = document.Labels,
                },
                Warnings: []);
    }

    private static GroupSpec Wrap(TaskSpec task) => new() { Name = task.Name + SpecName.GroupSuffix, Tasks = [task with { Lead = true }] };

    private SpecRejection? MissingInputs()
    {
        var known = _groups.SelectMany(group => group.Tasks).Select(task => task.Name).ToHashSet(StringComparer.Ordinal);
        return Reject(SpecErrorCode.Submission, TaskInputs().Where(input => !known.Contains(input.Input.Task)).Select(input =>
            Problem($"Task input {input.Input.Task} does not exist.", input.Input.Task, "a task of this workflow", Path(input))));
    }

    private SpecRejection? InputsOutOfOrder()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var g = 0; g < _groups.Length; g++)
        {
            foreach (var task in _groups[g].Tasks)
            {
                places[task.Name] = g;
            }
        }

        return Reject(SpecErrorCode.Usage, TaskInputs().Where(input => places[input.Input.Task] >= input.Group).Select(input => Problem(
            $"Group \"{_groups[input.Group].Name}\" requires input group \"{_groups[places[input.Input.Task]].Name}\" exists before itself.",
            input.Input.Task,
            "a task of a group defined earlier",
            Path(input))));
    }

    private ImmutableArray<KeyValuePair<string, ResourceSpec>> WithPlatforms(out SpecRejection? rejection)
    {
        rejection = null;
        if (_pool is null)
        {
            return _document.Resources;
        }

        if (_pool.Config.DefaultPlatform is not { } platform)
        {
            rejection = Reject(SpecErrorCode.Resource, _document.Resources.Where(entry => entry.Value.Platform is null).Select(entry =>
                Problem($"Resource {entry.Key} does not have a platform!", "", string.Join(", ", _pool.Platforms.Keys),
                    ["resources", entry.Key])));
            return _document.Resources;
        }

        return [.. _document.Resources.Select(
            entry => KeyValuePair.Create(entry.Key, entry.Value with { Platform = entry.Value.Platform ?? platform }))];
    }

    private SpecRejection? UnknownTopologyKeys()
    {
        if (_pool is null)
        {
            return null;
        }

        var known = _pool.Config.TopologyKeys.Select(key => key.Key).ToList();
        var shown = $"[{string.Join(", ", known.Select(key => $"'{key}'"))}]";
        return Reject(SpecErrorCode.Submission, _document.Resources.SelectMany(
            entry => entry.Value.Topology.Select((topology, i) => (entry, topology, i)))
            .Where(use => !known.Contains(use.topology.Key))
            .Select(use => Problem(
                $"Topology key \"{use.topology.Key}\" in resource \"{use.entry.Key}\" is not available in pool \"{_pool.Name}\". Available topology keys: {shown}",
                use.topology.Key,
                allowed: "",
                ["resources", use.entry.Key, "topology", Text(use.i), "key"])));
    }

    private SpecRejection? UnknownResources()
    {
        var known = _document.Resources.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        return Reject(SpecErrorCode.Resource, Tasks().Where(place => !known.Contains(place.Task.Resource)).Select(place => Problem(
            place.Task.Resource == DefaultResource
                ? $"Task {place.Task.Name} has no specified resource. Specify a default resource in the resources section."
                : $"Requesting undefined resource {place.Task.Resource}.",
            place.Task.Resource,
            string.Join(", ", known),
            [.. Path(place.Group, place.Number), "resource"])));
    }

    private SpecRejection? NameClash() =>
        SpecNames.FirstClash(_groups.SelectMany(group => group.Tasks.Select(task => task.Name).Prepend(group.Name))) is { } clash
            ? Reject(SpecErrorCode.Usage, [Problem(SpecNames.ClashMessage(clash), clash, "", [])])
            : null;

    private SpecRejection? TooManyTasks(int? maxTasks) =>
        maxTasks is { } limit && _groups.Sum(group => group.Tasks.Length) is var count && count > limit
            ? Reject(SpecErrorCode.User, [Problem($"Workflow cannot have more than {limit} tasks.", Text(count), $"at most {limit}", [])])
            : null;

    /// <summary>Every task with its group's index and its own in the group.</summary>
    private IEnumerable<(TaskSpec Task, int Group, int Number)> Tasks() =>
        _groups.SelectMany((group, g) => group.Tasks.Select((task, t) => (task, g, t)));

    private IEnumerable<TaskInput> TaskInputs()
    {
        foreach (var (task, group, number) in Tasks())
        {
            for (var i = 0; i < task.Inputs.Length; i++)
            {
                if (task.Inputs[i] is InputSpec.FromTask input)
                {
                    yield return new TaskInput(input, group, number, i);
                }
            }
        }
    }

    /// <summary>The path of a task in the author's shape.</summary>
    private string[] Path(int group, int number) =>
        _document.Groups.IsEmpty ? ["tasks", Text(group)] : ["groups", Text(group), "tasks", Text(number)];

    private string[] Path(TaskInput input) => [.. Path(input.Group, input.Task), "inputs", Text(input.Number), "task"];

    private SpecProblem Problem(string message, string found, string allowed, string[] path) =>
        _locator.Problem(message, found, allowed, [SpecSections.WorkflowKey, .. path]);

    private static SpecRejection? Reject(SpecErrorCode code, IEnumerable<SpecProblem> problems)
    {
        var found = problems.Take(SpecProblems.MaxProblems).ToImmutableArray();
        return found.IsEmpty ? null : new SpecRejection { Code = code, Message = SpecReport.Of(found), Problems = found };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>An input from another task, with the numbers of its group, its task and its own.</summary>
    private readonly record struct TaskInput(InputSpec.FromTask Input, int Group, int Task, int Number);
}
