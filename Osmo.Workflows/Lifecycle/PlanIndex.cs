using System.Diagnostics.CodeAnalysis;

namespace Osmo.Workflows.Lifecycle;

/// <summary>Where things stand in a plan: groups by name, tasks by name and by uuid, the lead of each group.</summary>
internal sealed class PlanIndex
{
    private readonly Dictionary<string, GroupPlan> _groups;
    private readonly Dictionary<string, (GroupPlan Group, TaskPlan Task)> _tasks;
    private readonly Dictionary<string, string> _taskNamesByUuid;
    private readonly Dictionary<string, string> _leads;

    /// <exception cref="ArgumentException">The plan names a group or task twice, or a group has no single lead.</exception>
    public PlanIndex(WorkflowPlan plan)
    {
        Plan = plan;
        _groups = plan.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        var tasks = plan.Groups.SelectMany(group => group.Tasks, (group, task) => (Group: group, Task: task)).ToArray();
        _tasks = tasks.ToDictionary(entry => entry.Task.Name, StringComparer.Ordinal);
        _taskNamesByUuid = tasks.ToDictionary(entry => entry.Task.Uuid, entry => entry.Task.Name, StringComparer.Ordinal);
        _leads = plan.Groups.ToDictionary(group => group.Name, LeadOf, StringComparer.Ordinal);
    }

    public WorkflowPlan Plan { get; }

    public GroupPlan Group(string name) => _groups[name];

    public string? TaskNameOf(string taskUuid) => _taskNamesByUuid.GetValueOrDefault(taskUuid);

    public string? GroupNameOf(string groupUuid) => Plan.Groups.FirstOrDefault(group => group.Uuid == groupUuid)?.Name;

    public bool TryFindTask(string name, [NotNullWhen(true)] out GroupPlan? group, [NotNullWhen(true)] out TaskPlan? task)
    {
        var found = _tasks.TryGetValue(name, out var entry);
        (group, task) = entry;
        return found;
    }

    public bool IsLead(string group, string task) => string.Equals(_leads[group], task, StringComparison.Ordinal);

    private static string LeadOf(GroupPlan group)
    {
        if (group.Tasks.Length == 1)
            return group.Tasks[0].Name;

        var leads = group.Tasks.Where(task => task.Lead).Select(task => task.Name).ToArray();
        return leads.Length == 1
            ? leads[0]
            : throw new ArgumentException($"Group '{group.Name}' has {leads.Length} lead tasks; a group has exactly one.");
    }
}
