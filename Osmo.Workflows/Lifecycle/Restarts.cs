namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Restarts of a command in the pod it has (contract: lifecycle §8, runtime-protocol §8). An ordered restart is part of the attempt's state
/// until its runtime is known to have heard of it, so that neither a crash nor a broken connection loses it.
/// </summary>
public static class Restarts
{
    /// <summary>Those that are to be sent again by whoever cannot know what was sent before.</summary>
    public static IEnumerable<RuntimeAction.Restart> Due(Workflow workflow) =>
        from attempt in workflow.Tasks.Values
        where !attempt.Status.IsFinished && attempt.RestartDue is not null
        select new RuntimeAction.Restart(attempt.Name, attempt.RetryId, attempt.RestartDue!.Value);

    internal static void Order(TransitionBuilder change, TaskState attempt)
    {
        var number = (attempt.Restarts ?? 0) + 1;
        change.Set(attempt with { AtBarrier = false, Restarts = number, RestartDue = number });
        change.Send(new RuntimeAction.Restart(attempt.Name, attempt.RetryId, number));
    }

    /// <summary>
    /// It was written to the runtime's connection. Where there is a barrier that is no proof: the runtime proves it by coming there
    /// (<see cref="Barrier"/>).
    /// </summary>
    internal static void Sent(TransitionBuilder change, WorkflowEvent.RestartSent sent)
    {
        if (Attempts.TryFindLive(change, sent.Task, sent.RetryId, out var group, out _, out var attempt)
            && !group.Barrier
            && attempt.RestartDue == sent.Number)
        {
            change.Set(attempt with { RestartDue = null });
        }
    }
}
