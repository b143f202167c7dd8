using Orleans;
using Orleans.Runtime;
using Osmo.Embedded.Reminders;

namespace Osmo.Embedded;

/// <summary>The engine: activations, references and services of one process.</summary>
internal abstract class EmbeddedEngine
{
    public abstract GrainFactory GrainFactory { get; }

    public abstract ReminderService Reminders { get; }
}

internal abstract class GrainFactory : IGrainFactory
{
    public abstract TGrainInterface GetGrain<TGrainInterface>(string primaryKey) where TGrainInterface : IGrainWithStringKey;

    public abstract IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

    public abstract TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;

    public abstract IAddressable GetGrain(Type grainInterfaceType, GrainId grainId);
}
