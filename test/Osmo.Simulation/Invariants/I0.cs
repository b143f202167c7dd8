using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>Nobody ever sees an exception that does not say "try again": everything the run does is allowed.</summary>
internal sealed class I0 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) => run.Unexpected;
}
