using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>A backend that is slow, dead or hostile delays no workflow of another one.</summary>
internal sealed class I11 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from workflow in run.DelayedByNeighbour select $"{workflow} did not end while another backend misbehaved";
}
