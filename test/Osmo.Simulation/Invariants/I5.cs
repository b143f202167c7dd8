using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>No task is created before the groups it depends on completed.</summary>
internal sealed class I5 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from birth in run.Births
        where !birth.UnfinishedUpstream.IsEmpty
        select $"a pod of {birth.Task} of {birth.WorkflowUuid} was created while {string.Join(", ", birth.UnfinishedUpstream)} had not completed";
}
