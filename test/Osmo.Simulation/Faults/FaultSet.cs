namespace Osmo.Simulation.Faults;

/// <summary>Kinds of faults that a run may have.</summary>
internal enum FaultKind
{
    /// <summary>The control plane dies between any two steps, and the operator now and then.</summary>
    Crash = 1,

    /// <summary>The database and the object storage are slow, fail, or commit and then report a failure.</summary>
    Storage,

    /// <summary>Calls are late, are lost on their way there or back, come twice, or overtake each other.</summary>
    Messages,

    /// <summary>Pods start late, fail, are evicted, preempted, killed for memory, or vanish with their node; images do not pull; jobs fail.</summary>
    Cluster,

    /// <summary>Users cancel, by force or not, and submit again.</summary>
    Users,

    /// <summary>One backend takes jobs, finishes none, and reports nonsense.</summary>
    Neighbour,
}

/// <summary>The faults of a run.</summary>
internal sealed record FaultSet(IReadOnlySet<FaultKind> Kinds)
{
    public static FaultSet None { get; } = new(new HashSet<FaultKind>());

    public static FaultSet All { get; } = new(Enum.GetValues<FaultKind>().ToHashSet());

    public bool Has(FaultKind kind) => Kinds.Contains(kind);

    /// <param name="text"><c>all</c>, <c>none</c>, or names of kinds with commas between them.</param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static FaultSet Parse(string text) => text switch
    {
        "all" => All,
        "none" => None,
        _ => new(text.Split(',', StringSplitOptions.TrimEntries).Select(Kind).ToHashSet()),
    };

    public override string ToString() =>
        Kinds.Count == 0 ? "none" : Kinds.SetEquals(All.Kinds) ? "all" : string.Join(',', Kinds.Order().Select(kind => kind.ToString().ToLowerInvariant()));

    private static FaultKind Kind(string name) => Enum.TryParse<FaultKind>(name, ignoreCase: true, out var kind) && Enum.IsDefined(kind)
        ? kind
        : throw new ArgumentException($"Fault '{name}' is unknown; allowed are all, none, {string.Join(", ", Enum.GetNames<FaultKind>()).ToLowerInvariant()}.");
}
