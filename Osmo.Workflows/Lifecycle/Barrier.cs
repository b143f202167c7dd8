namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The tasks of a group meet before their commands start (contract: lifecycle §8, runtime-protocol §8). The barrier is open when every
/// live attempt is at it or past it; who comes later, or asks again, is let through at once.
/// </summary>
internal static class Barrier
{
    public static void Reached(TransitionBuilder change, WorkflowEvent.BarrierReached reached)
    {
        if (!Attempts.TryFindLive(change, reached.Task, reached.RetryId, out var group, out _, out var attempt))
            return;

        if (!group.Barrier || attempt.AtBarrier)
        {
            if (!group.Barrier || IsOpen(group, change.Task))
                change.Send(new RuntimeAction.ReleaseBarrier(attempt.Name, attempt.RetryId));
            return;
        }

        // Who waits here has stopped its command, or not started it: a restart has nothing left to do.
        change.Set(attempt with { AtBarrier = true, RestartDue = null });
        ReleaseIfComplete(change, group);
    }

    public static void ReleaseIfComplete(TransitionBuilder change, GroupPlan group)
    {
        if (!group.Barrier || !IsOpen(group, change.Task))
            return;

        foreach (var task in group.Tasks)
        {
            var member = change.Task(task.Name);
            if (!member.Status.IsFinished)
                change.Send(new RuntimeAction.ReleaseBarrier(member.Name, member.RetryId));
        }
    }

    public static bool IsOpen(GroupPlan group, Func<string, TaskState> stateOf) =>
        group.Tasks.All(task => stateOf(task.Name) is { AtBarrier: true } or { Status.IsFinished: true });
}
