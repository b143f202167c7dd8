using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Objects;

/// <summary>The labels that tell which workflow, group and task an object belongs to (contract: backend-protocol §11).</summary>
internal static class GroupLabels
{
    public const string WorkflowUuid = "osmo.workflow_uuid";
    public const string GroupUuid = "osmo.group_uuid";
    public const string TaskName = "osmo.task_name";
    public const string RetryId = "osmo.retry_id";

    /// <summary>On every object of the group.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> System(WorkflowPlan plan, GroupPlan group)
    {
        var labels = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(5);
        labels.Add(new("osmo.workflow_id", LabelValue.Cut(plan.WorkflowId)));
        labels.Add(new(WorkflowUuid, plan.WorkflowUuid));
        labels.Add(new("osmo.group_name", LabelValue.Cut(group.Name)));
        labels.Add(new(GroupUuid, group.Uuid));
        if (SubmittedBy(plan.User) is { } user)
        {
            labels.Add(new("osmo.submitted_by", user));
        }

        return labels.DrainToImmutable();
    }

    /// <summary>On the pod of a task, besides <see cref="System"/>.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> OfTask(WorkflowPlan plan, TaskPlan task, string platform, int retryId)
    {
        var labels = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(7);
        labels.Add(new(TaskName, LabelValue.Cut(task.Name)));
        labels.Add(new("osmo.task_uuid", task.Uuid));
        labels.Add(new(RetryId, retryId.ToString()));
        if (task.Lead)
        {
            labels.Add(new("osmo.lead_container", "true"));
        }

        labels.Add(new("osmo.pool", LabelValue.Cut(plan.Pool)));
        labels.Add(new("osmo.platform", LabelValue.Cut(platform)));
        labels.Add(new("osmo.priority", PriorityName(plan.Priority)));
        return labels.DrainToImmutable();
    }

    public static string PriorityName(WorkflowPriority priority) => WireEnum<WorkflowPriority>.Name(priority).ToLowerInvariant();

    public static JsonObject ToObject(params IEnumerable<KeyValuePair<string, string>> labels)
    {
        var result = new JsonObject();
        foreach (var (key, value) in labels)
        {
            result[key] = value;
        }

        return result;
    }

    private static string? SubmittedBy(string user)
    {
        var at = user.IndexOf('@', StringComparison.Ordinal);
        var name = LabelValue.Cut(at < 0 ? user : user[..at]);
        return name.Length >= 2 && LabelValue.IsValid(name) ? name : null;
    }
}
