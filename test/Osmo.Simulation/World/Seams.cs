using Microsoft.Extensions.DependencyInjection;
using Osmo.Embedded.Simulation;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Simulation.World;

/// <summary>Where something may be put between the control plane and what it stands on. A deliberate break overrides one of these.</summary>
internal abstract class Seams
{
    public virtual IStateStore Store(IStateStore store, SimulatedProcess process) => store;

    public virtual IWorkflowQueries Queries(IWorkflowQueries queries) => queries;

    public virtual IObjectStore Objects(IObjectStore objects) => objects;

    public virtual IServiceCollection Services(IServiceCollection services) => services;

    /// <summary>Nothing anywhere.</summary>
    public sealed class Untouched : Seams;
}
