#if ACTOR_ENGINE_ORLEANS
using Osmo.Testing;
#endif

namespace Osmo.ClusterTests;

/// <summary>Runs where there are clusters: on Orleans, with a PostgreSQL of the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = Requirement;

    private static string? Requirement =>
#if ACTOR_ENGINE_EMBEDDED
        "Cluster tests skipped: the embedded engine is one process; run them with -p:ActorEngine=Orleans.";
#else
        PostgresServer.SkipReason;
#endif
}
