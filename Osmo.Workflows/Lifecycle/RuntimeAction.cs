namespace Osmo.Workflows.Lifecycle;

/// <summary>A message for the in-pod runtime of a running attempt; may be lost, the state is the truth.</summary>
public abstract record RuntimeAction(string Task, int RetryId)
{
    /// <summary>The group is complete at its barrier.</summary>
    public sealed record ReleaseBarrier(string Task, int RetryId) : RuntimeAction(Task, RetryId);

    /// <summary>
    /// Run the command again in the same pod (contract: lifecycle §8). It is due until the runtime is known to have heard of it
    /// (<see cref="TaskState.RestartDue"/>); one that comes twice is told by its number.
    /// </summary>
    /// <param name="Number">Counts the attempt's restarts from 1.</param>
    public sealed record Restart(string Task, int RetryId, int Number) : RuntimeAction(Task, RetryId);
}
