using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// The contract's rules for group and workflow status, written down once more rule by rule (contract: lifecycle §5, §6), to check the
/// machine against.
/// </summary>
internal static class Reference
{
    public static bool Finished(S status) => status is S.Completed || Failed(status);

    public static bool Failed(S status) => status.ToString().StartsWith("Failed", StringComparison.Ordinal);

    /// <summary>Aggregation of §5, with "considered" for rules 3 and 4 as it advises.</summary>
    public static S Aggregate(IReadOnlyList<S> all, IReadOnlyList<S> considered)
    {
        if (all.Any(status => !Finished(status)))
            return all.Any(status => status is S.Running or S.Rescheduled || Finished(status)) ? S.Running : S.Initializing;
        if (all.Contains(S.FailedUpstream))
            return S.FailedUpstream;
        if (considered.Contains(S.FailedServerError))
            return S.FailedServerError;
        if (considered.Contains(S.FailedPreempted))
            return S.FailedPreempted;
        if (considered.Contains(S.FailedEvicted))
            return S.FailedEvicted;
        return considered.Any(Failed) ? S.Failed : S.Completed;
    }

    /// <summary>
    /// What the tasks of a group that is not over say about it; the group itself never goes back behind what it once was.
    /// </summary>
    public static S OfLive(IReadOnlyList<TaskState> tasks)
    {
        if (tasks.All(task => task.Status == S.Waiting))
            return S.Waiting;
        if (tasks.Any(task => task.Status is S.Running || Finished(task.Status)))
            return S.Running;
        if (tasks.Any(task => task.Status == S.Initializing || task.RetryId > 0))
            return S.Initializing;
        return tasks.Any(task => task.Status == S.Scheduling) ? S.Scheduling : S.Processing;
    }

    public static W OfGroups(IReadOnlyList<S> groups)
    {
        if (groups.Any(status => !Finished(status)))
            return groups.Contains(S.Running) ? W.Running : W.Pending;
        if (groups.Contains(S.FailedCanceled))
            return W.FailedCanceled;
        if (groups.Contains(S.FailedServerError))
            return W.FailedServerError;
        if (groups.Contains(S.FailedExecTimeout))
            return W.FailedExecTimeout;
        if (groups.Contains(S.FailedQueueTimeout))
            return W.FailedQueueTimeout;
        if (!groups.Any(Failed))
            return W.Completed;
        var kinds = groups.Where(status => Failed(status) && status != S.FailedUpstream).Distinct().ToArray();
        return kinds.Length == 1 ? Enum.Parse<W>(kinds[0].ToString()) : W.Failed;
    }
}
