using System.Collections.Immutable;
using System.Globalization;

namespace Osmo.Workflows.Lifecycle;

/// <summary>What the operator says of a pod (contract: backend-protocol §9.4).</summary>
internal static class PodReport
{
    public static void Apply(TransitionBuilder change, WorkflowEvent.PodReported report)
    {
        if (change.Index.TaskNameOf(report.TaskUuid) is not { } name)
            return;
        if (!Attempts.TryFindLive(change, name, report.RetryId, out var group, out var task, out var attempt))
        {
            Cleanup.LeftoverSeen(change, change.Task(name).Group);
            return;
        }

        var placed = Place(attempt, report);
        if (placed != attempt)
            change.Set(placed);

        if (report.Status.IsOnBackend)
        {
            Attempts.Advance(change, group, placed, report.Status);
        }
        else if (StatusOfPod(report.Status) is { } ended)
        {
            Attempts.End(change, group, task, new Ending(ended, report.ExitCode, report.Message));
            if (report.ExitCode == ExitCodes.PreflightFailed && placed.NodeName is { } node)
                LabelNode(change, group, task, report.RetryId, node);
        }
    }

    /// <summary>A pod's node and address are stored once and kept.</summary>
    private static TaskState Place(TaskState attempt, WorkflowEvent.PodReported report) => attempt with
    {
        NodeName = attempt.NodeName ?? (string.IsNullOrEmpty(report.Node) ? null : report.Node),
        PodIp = attempt.PodIp ?? (string.IsNullOrEmpty(report.PodIp) ? null : report.PodIp),
    };

    /// <summary>
    /// The end a pod may report, or null when it is none. Decisions about a whole group are the control plane's: a pod that claims one
    /// has failed, no more.
    /// </summary>
    private static TaskGroupStatus? StatusOfPod(TaskGroupStatus reported) => reported switch
    {
        TaskGroupStatus.Completed => reported,
        TaskGroupStatus.FailedServerError or TaskGroupStatus.FailedUpstream => TaskGroupStatus.Failed,
        _ when reported.IsCanceled => TaskGroupStatus.Failed,
        _ when reported.IsFailed => reported,
        _ => null,
    };

    private static void LabelNode(TransitionBuilder change, GroupPlan group, TaskPlan task, int retryId, string node)
    {
        var labels = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            KeyValuePair.Create("osmo.verified", "False"),
            KeyValuePair.Create("osmo.reason", "PreflightTestFailed"),
            KeyValuePair.Create("osmo.reserved", "preflight"),
            KeyValuePair.Create("osmo.last-labeled", change.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ]);
        change.Issue(group.Name, sequence => new BackendJob.LabelNode
        {
            JobId = JobIds.LabelNode(node, task.Uuid, retryId),
            Group = group.Name,
            Sequence = sequence,
            Node = node,
            Labels = labels,
        });
    }
}
