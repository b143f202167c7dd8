using System.Collections.Immutable;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>
/// A specification as its author shaped it: tasks or groups, not yet brought into the normal shape (contract: workflow-spec §1.2).
/// </summary>
internal sealed record WorkflowDocument(
    string Name,
    ImmutableArray<TaskSpec> Tasks,
    ImmutableArray<GroupSpec> Groups,
    ImmutableArray<KeyValuePair<string, ResourceSpec>> Resources,
    TimeoutSpec? Timeout,
    ImmutableArray<KeyValuePair<string, string>> Labels);

/// <summary>Groups and the workflow itself (contract: workflow-spec §6.1, §6.2).</summary>
internal static class WorkflowShape
{
    private static readonly ImmutableArray<KeyValuePair<string, ResourceSpec>> DefaultResources = [new("default", new ResourceSpec())];

    public static readonly Shape<GroupSpec> Group = CreateGroup();

    public static readonly Shape<WorkflowDocument> Workflow = CreateWorkflow();

    private static ObjectShape<GroupSpec> CreateGroup()
    {
        var o = new ObjectShape<GroupSpec>(
            "group", "Tasks that are scheduled together; a dependency between tasks is one between their groups.");
        var name = o.Required("name", Shapes.Name, "Unique in the workflow among groups and tasks.");
        var tasks = o.Required("tasks", new ListShape<TaskSpec>(TaskShape.Task), "At least one; exactly one is the lead.");
        var barrier = o.Optional("barrier", Shapes.Bool, true, "All tasks wait for each other before their command runs.");
        var ignore = o.Optional("ignoreNonleadStatus", Shapes.Bool, true, "Whether the lead alone decides the group's result.");
        return o
            .Rule([name, tasks], (v, at) => !v.Get(tasks).IsEmpty || at.At("tasks").FailRule(
                $"Group \"{v.Get(name)}\" needs to have at least one task."))
            .Rule([name, tasks], (v, at) => HasOneLead(v.Get(name), v.Get(tasks), at))
            .Build(v => new GroupSpec
            {
                Name = v.Get(name),
                Tasks = v.Get(tasks) is [var only] ? [only with { Lead = true }] : v.Get(tasks),
                Barrier = v.Get(barrier),
                IgnoreNonleadStatus = v.Get(ignore),
            });
    }

    private static bool HasOneLead(string group, ImmutableArray<TaskSpec> tasks, Reading at)
    {
        var leads = tasks.Count(task => task.Lead);
        return tasks.Length <= 1 || leads == 1
            || at.At("tasks").FailRule($"Group \"{group}\" has {leads} leader(s) but must have exactly one.", "lead: true on one task");
    }

    private static ObjectShape<WorkflowDocument> CreateWorkflow()
    {
        var o = new ObjectShape<WorkflowDocument>("workflow", "A workflow: tasks, or groups of tasks, and what they need.");
        var name = o.Required("name", Shapes.Name, "Name of the workflow; its id is the name and a number.");
        var tasks = o.Optional(
            "tasks", new ListShape<TaskSpec>(TaskShape.Task), [], "Tasks, each in a group of its own; either tasks or groups.");
        var groups = o.Optional("groups", new ListShape<GroupSpec>(Group), [], "Groups of tasks; either tasks or groups.");
        var resources = o.Optional("resources", new MapShape<ResourceSpec>(ResourceShape.Resource), DefaultResources,
            "Resources by name; tasks without resource use 'default'.");
        var timeout = o.Optional("timeout", ResourceShape.Timeout, null!, "Limits of each group.");
        var labels = o.Optional("labels", new MapShape<string>(Shapes.StrictText), [], "At most 16 labels.");
        o.Optional("pool", Shapes.StrictText, "", "Ignored; the pool is chosen at submission.");
        o.Optional("backend", Shapes.StrictText, "", "Ignored; set by the pool.");
        return o
            .Rule([tasks, groups], (v, at) => HasOneForm(v.Get(tasks).IsEmpty, v.Get(groups).IsEmpty, at))
            .Rule([tasks, groups], (v, at) => HasDistinctNames(
                [.. v.Get(tasks).Select(task => task.Name), .. v.Get(groups)
                    .SelectMany(group => group.Tasks.Select(task => task.Name).Prepend(group.Name))], at))
            .Build(v => new WorkflowDocument(v.Get(name), v.Get(tasks), v.Get(groups), v.Get(resources), v.Get(timeout), v.Get(labels)));
    }

    private static bool HasOneForm(bool noTasks, bool noGroups, Reading at) => (noTasks, noGroups) switch
    {
        (false, false) => at.FailRule("Cannot use both groups and tasks in the same workflow."),
        (true, true) => at.FailRule("Workflows need to have at least one group or one task."),
        _ => true,
    };

    private static bool HasDistinctNames(IEnumerable<string> names, Reading at) =>
        SpecNames.FirstClash(names) is not { } clash || at.FailRule(SpecNames.ClashMessage(clash));
}
