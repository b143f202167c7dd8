namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Ids of backend jobs (contract: lifecycle §14). Where the contract has random digits stand the group's job number or the attempt, so
/// that the same work has the same id and no two works share one.
/// </summary>
internal static class JobIds
{
    public static string CreateGroup(WorkflowPlan plan, string group) => $"{plan.WorkflowUuid}-{group}-submit";

    public static string RescheduleTask(WorkflowPlan plan, string task, int retryId) => $"{plan.WorkflowUuid}-{task}-{retryId}-reschedule";

    public static string CleanupGroup(WorkflowPlan plan, string group, int sequence, bool force) =>
        $"{plan.WorkflowUuid}-{group}-{sequence:x6}-{(force ? "force-" : "")}backend-cleanup";

    public static string LabelNode(string node, string taskUuid, int retryId) => $"{node}-{taskUuid}-{retryId}-labelnode";
}
