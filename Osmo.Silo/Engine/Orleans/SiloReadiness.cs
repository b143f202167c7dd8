using Orleans.Runtime;
using Osmo.Hosting;

namespace Osmo.Silo.Engine;

/// <summary>The silo is an active member of its cluster. Asked of what this silo knows: who is ready must not depend on how others are.</summary>
internal sealed class SiloReadiness(ISiloStatusOracle members) : IReadiness
{
    public Task<string?> WhyNot(CancellationToken cancellation) =>
        Task.FromResult(members.CurrentStatus == SiloStatus.Active ? null : $"The silo is {members.CurrentStatus}, not an active member of its cluster.");
}
