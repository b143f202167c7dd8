using Orleans.Runtime;

namespace Orleans;

/// <summary>Makes references to grains. Grains exist always: the first call activates one.</summary>
public interface IGrainFactory
{
    /// <exception cref="ArgumentException">The interface has no grain class among the engine's assemblies, or more than one.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey) where TGrainInterface : IGrainWithStringKey;

    /// <inheritdoc cref="GetGrain{TGrainInterface}(string)"/>
    IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

    /// <summary>A reference to a grain by its full identity, as stored for instance with a reminder.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;
}

/// <summary>The grain factory as seen by code that is not a grain.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}
