using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>One thing that must hold whatever went wrong; see docs/simulation.md.</summary>
internal interface IInvariant
{
    /// <summary>What does not hold, in words; nothing when all is well.</summary>
    IEnumerable<string> Violations(RunRecord run);
}

/// <summary>An invariant that a run has broken.</summary>
internal sealed record Violation(string Invariant, string What)
{
    public override string ToString() => $"{Invariant}: {What}";
}

internal static class AllInvariants
{
    private static readonly IInvariant[] All = [new I0(), new I1(), new I2(), new I3(), new I4(), new I5(), new I6(), new I7(), new I8(), new I9(), new I10(), new I11(), new I12()];

    public static IReadOnlyList<Violation> Check(RunRecord run) =>
        [.. from invariant in All from what in invariant.Violations(run) select new Violation(invariant.GetType().Name, what)];
}
