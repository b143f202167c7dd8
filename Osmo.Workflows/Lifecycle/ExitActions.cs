using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

/// <summary>What the exit actions of a task and of its pool make of an ending (contract: lifecycle §10).</summary>
internal static class ExitActions
{
    /// <summary>The task's own actions are asked first, then the pool's; an ending without exit code stays as it is.</summary>
    public static Ending Apply(WorkflowPlan plan, TaskPlan task, int retryId, Ending reported)
    {
        if (reported.ExitCode is not { } exitCode)
            return reported;
        if ((Find(task.ExitActions, exitCode) ?? Find(plan.DefaultExitActions, exitCode)) is not { } action)
            return reported;

        var status = StatusOf(action.Kind);
        if (status == reported.Status)
            return reported;
        if (status == TaskGroupStatus.Rescheduled && retryId >= plan.MaxRetriesPerTask)
            return reported with { Message = $"{reported.Message}No exit action applied due to retry limit {plan.MaxRetriesPerTask}." };

        var name = WireEnum<ExitActionKind>.Name(action.Kind);
        return reported with { Status = status, Message = $"{reported.Message}Exit Action: {name} the task for exit code {exitCode}." };
    }

    private static ExitAction? Find(ImmutableArray<ExitAction> actions, int exitCode)
    {
        foreach (var action in actions)
        {
            if (action.First <= exitCode && exitCode <= action.Last)
                return action;
        }

        return null;
    }

    private static TaskGroupStatus StatusOf(ExitActionKind kind) => kind switch
    {
        ExitActionKind.Complete => TaskGroupStatus.Completed,
        ExitActionKind.Fail => TaskGroupStatus.Failed,
        ExitActionKind.Reschedule => TaskGroupStatus.Rescheduled,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown exit action."),
    };
}
