using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Objects;

/// <summary>Which objects a clean-up looks for (contract: backend-protocol §10.1 "Spec", §10.5).</summary>
public static class CleanupSpecs
{
    private static readonly ImmutableArray<ObjectKind> CoreKinds = [new("v1", "Secret"), new("v1", "Service"), new("v1", "Pod")];

    /// <summary>Kinds that a group is created with, beyond those that every group has.</summary>
    /// <param name="scheduler">Of the backend.</param>
    /// <param name="templateKinds">Kinds from group templates, as <see cref="GroupBuild.Built"/> told.</param>
    public static ImmutableArray<ObjectKind> BroughtIn(SchedulerType scheduler, IEnumerable<ObjectKind> templateKinds) =>
        [.. scheduler == SchedulerType.Kai ? [SchedulerObjects.PodGroupKind] : Enumerable.Empty<ObjectKind>(), .. templateKinds];

    /// <summary>One spec for each kind a group may have brought in.</summary>
    /// <param name="plan">The workflow.</param>
    /// <param name="group">One of its groups.</param>
    /// <param name="broughtIn">From <see cref="BroughtIn"/>, when the group was created.</param>
    public static JsonArray OfGroup(WorkflowPlan plan, GroupPlan group, IEnumerable<ObjectKind> broughtIn)
    {
        var kinds = CoreKinds.Concat(broughtIn).Distinct();
        return new JsonArray([.. kinds.Select(kind => Generic(kind, Selector(plan, group)))]);
    }

    /// <summary>The pods of the group, to read their last words.</summary>
    public static JsonObject PodsOfGroup(WorkflowPlan plan, GroupPlan group) => Pods(Selector(plan, group));

    /// <summary>The pod of one attempt.</summary>
    public static JsonObject PodOfAttempt(WorkflowPlan plan, GroupPlan group, string task, int retryId)
    {
        var labels = Selector(plan, group);
        labels[GroupLabels.TaskName] = LabelValue.Cut(task);
        labels[GroupLabels.RetryId] = retryId.ToString();
        return Pods(labels);
    }

    internal static JsonObject Generic(ObjectKind kind, JsonObject labels) => new()
    {
        ["labels"] = labels,
        ["generic_api"] = new JsonObject { ["api_version"] = kind.ApiVersion, ["kind"] = kind.Kind },
    };

    private static JsonObject Pods(JsonObject labels) => new() { ["labels"] = labels, ["resource_type"] = "Pod" };

    private static JsonObject Selector(WorkflowPlan plan, GroupPlan group) => new()
    {
        [GroupLabels.WorkflowUuid] = plan.WorkflowUuid,
        [GroupLabels.GroupUuid] = group.Uuid,
    };
}
