using Osmo.Simulation.Record;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Running;

/// <summary>Prints committed changes as they happen.</summary>
internal static class RowTrace
{
    public static void Print(CommittedRows rows, TextWriter output) =>
        rows.OnChange = change => output.WriteLine($"{change.Time:HH:mm:ss.fff} {Subject(change)}: {State(change.Before)} -> {State(change.After)}");

    private static string Subject(RowChange change) => $"{change.Key.Kind} {change.Key.Partition[..Math.Min(6, change.Key.Partition.Length)]} {change.Key.Id}";

    private static string State(object? row) => row switch
    {
        WorkflowHead head => $"{head.Status}{(head.Archived ? " archived" : "")}{(head.Outbox.IsEmpty ? "" : $" {head.Outbox.Length} effects")}{(head.WakeAt is { } wake ? $" wake {wake:HH:mm:ss}" : "")}",
        GroupState group => $"{group.Status} jobs [{string.Join(", ", group.OpenJobs.Select(job => $"{job.GetType().Name} {job.Sequence}"))}]{(group.CleanedUp ? " clean" : "")}",
        TaskDocument task => $"{task.Status} {task.ExitCode}{(task.AtBarrier ? " at barrier" : "")} {task.FailureMessage}",
        JobDocument job => job.Job.GetType().Name,
        WorkflowPlan plan => $"plan of {plan.WorkflowId}",
        _ => "none",
    };
}
