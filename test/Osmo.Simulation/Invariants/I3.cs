using Osmo.Simulation.Record;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>Terminal is final; timestamps never run backwards; a status is never taken back.</summary>
internal sealed class I3 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) => run.Rows.Changes.SelectMany(Of);

    private static IEnumerable<string> Of(RowChange change) => (change.Before, change.After) switch
    {
        (WorkflowHead before, WorkflowHead after) => Of(
            change.Key, before.Status, after.Status, before.Status.IsFinished, after.Status < before.Status && after.Status.IsAlive, Times(before), Times(after)),
        (GroupState before, GroupState after) => Of(
            change.Key, before.Status, after.Status, before.Status.IsFinished, after.Status < before.Status && !after.Status.IsFinished, Times(before), Times(after)),
        (TaskDocument before, TaskDocument after) => Of(
            change.Key, before.Status, after.Status, before.Status.IsFinished, after.Status < before.Status && !after.Status.IsFinished, Times(before), Times(after)),
        (WorkflowHead or GroupState or TaskDocument, null) => [$"{change.Key} was deleted"],
        _ => [],
    };

    private static IEnumerable<string> Of<T>(RowKey key, T before, T after, bool ended, bool isSetback, DateTime?[] timesBefore, DateTime?[] timesAfter)
        where T : struct, Enum
    {
        if (ended && !before.Equals(after)) yield return $"{key} had ended as {before} and became {after}";
        if (isSetback) yield return $"{key} went back from {before} to {after}";
        if (timesBefore.Where((time, which) => time is not null && time != timesAfter[which]).Any()) yield return $"{key} has other times than before";

        var known = timesAfter.Where(time => time is not null).ToArray();
        if (known.Zip(known.Skip(1)).Any(pair => pair.First > pair.Second)) yield return $"{key} has times that run backwards: {string.Join(", ", known)}";
    }

    private static DateTime?[] Times(WorkflowHead head) => [head.SubmitTime, head.StartTime, head.EndTime];

    private static DateTime?[] Times(GroupState group) =>
        [group.ProcessingStartTime, group.SchedulingStartTime, group.InitializingStartTime, group.StartTime, group.EndTime];

    private static DateTime?[] Times(TaskDocument task) => [task.SchedulingStartTime, task.InitializingStartTime, task.StartTime, task.EndTime];
}
