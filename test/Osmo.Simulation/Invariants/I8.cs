using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>A redelivered or reordered message changes nothing that its first delivery did not.</summary>
internal sealed class I8 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from again in run.Redeliveries
        where again.Writes > 0
        select $"'{again.What}' of {again.WorkflowUuid}, delivered again after the end, wrote {again.Writes} rows";
}
