using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>At most one live pod per task; an attempt's pod is created only when the former attempt's is gone, and never after a later one's. One worker at a time creates them.</summary>
internal sealed class I6 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) => [.. Twins(run), .. Ghosts(run), .. Rivals(run)];

    private static IEnumerable<string> Twins(RunRecord run) =>
        from birth in run.Births
        where birth.OtherPods > 0
        select $"a pod of {birth.Task} of {birth.WorkflowUuid} was created beside another one";

    private static IEnumerable<string> Rivals(RunRecord run) =>
        from works in run.Works.GroupBy(work => work.JobId)
        from pair in works.Zip(works.Skip(1))
        where pair.Second.Begun < pair.First.Latest
        select $"two workers were at work on job {works.Key} at {pair.Second.Begun:HH:mm:ss.fff}";

    private static IEnumerable<string> Ghosts(RunRecord run) =>
        from births in run.Births.GroupBy(birth => (birth.WorkflowUuid, birth.Task))
        from pair in births.Zip(births.Skip(1))
        where pair.Second.RetryId < pair.First.RetryId
        select $"a pod of attempt {pair.Second.RetryId} of {pair.Second.Task} of {pair.Second.WorkflowUuid} was created after one of attempt {pair.First.RetryId}";
}
