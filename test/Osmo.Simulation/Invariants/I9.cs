using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>After a cancel was accepted, no job that creates pods is given out. What the operator has in hand by then it may finish; the clean-up comes after it.</summary>
internal sealed class I9 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from birth in run.Births
        let workflow = run.Find(birth.WorkflowUuid)
        where workflow.CancelAcceptedAt is { } canceled && birth.PreparedAt > canceled
        select $"a pod of {birth.Task} of {workflow.Id} was created by a job given out at {birth.PreparedAt:T}, after the cancel was accepted at {workflow.CancelAcceptedAt:T}";
}
