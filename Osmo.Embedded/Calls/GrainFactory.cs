using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Calls;

/// <summary>Makes references, for grains and for everybody else in the process.</summary>
internal sealed class GrainFactory(EmbeddedEngine engine) : IClusterClient
{
    private readonly ConcurrentDictionary<Type, ProxyFactory> _byType = new();

    public IServiceProvider ServiceProvider => engine.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey) where TGrainInterface : IGrainWithStringKey
    {
        var grainClass = engine.Classes.ByInterface(typeof(TGrainInterface));
        return (TGrainInterface)(object)ProxyOf<TGrainInterface>.Factory(engine, grainClass, Identify(grainClass, primaryKey));
    }

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        var grainClass = engine.Classes.ByInterface(grainInterfaceType);
        return (IGrain)Proxy(grainInterfaceType)(engine, grainClass, Identify(grainClass, grainPrimaryKey));
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)ProxyOf<TGrainInterface>.Factory(engine, engine.Classes.ByName(grainId.Type), grainId);

    /// <inheritdoc cref="GetGrain{TGrainInterface}(GrainId)"/>
    public IAddressable GetGrain(Type grainInterfaceType, GrainId grainId) =>
        Proxy(grainInterfaceType)(engine, engine.Classes.ByName(grainId.Type), grainId);

    private static GrainId Identify(GrainClass grainClass, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return GrainId.Create(grainClass.GrainType, key);
    }

    private ProxyFactory Proxy(Type type) => _byType.GetOrAdd(type, static type =>
        typeof(ProxyOf<>).MakeGenericType(type).GetProperty(nameof(ProxyOf<>.Factory))!.GetMethod!.CreateDelegate<Func<ProxyFactory>>()());
}
