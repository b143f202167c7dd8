using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Persistence;

/// <summary>A record of a grain, between the grain and its storage.</summary>
internal abstract class PersistentStateRecord
{
    /// <summary>Makes the constructor argument that a [PersistentState] parameter asks for.</summary>
    public static Func<Activation, object?> Maker(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new InvalidOperationException(
                $"Parameter '{parameter.Name}' of {parameter.Member.DeclaringType} has [PersistentState] and must be an IPersistentState<T>, not {type}.");
        }

        var constructor = ConstructorInvoker.Create(typeof(PersistentStateRecord<>).MakeGenericType(type.GetGenericArguments()).GetConstructors()[0]);
        return activation =>
        {
            var record = (PersistentStateRecord)constructor.Invoke(attribute.StateName, activation.GrainId, Storage(activation, attribute));
            activation.Add(record);
            return record;
        };
    }

    public abstract Task ReadStateAsync();

    private static IGrainStorage Storage(Activation activation, PersistentStateAttribute attribute) =>
        (string.IsNullOrEmpty(attribute.StorageName)
            ? activation.ActivationServices.GetService<IGrainStorage>()
            : activation.ActivationServices.GetKeyedService<IGrainStorage>(attribute.StorageName))
        ?? throw new BadProviderConfigException(string.IsNullOrEmpty(attribute.StorageName)
            ? $"No default grain storage is registered; {activation.Class.Type} needs one."
            : $"No grain storage named '{attribute.StorageName}' is registered; {activation.Class.Type} needs it.");
}

/// <inheritdoc/>
internal sealed class PersistentStateRecord<TState>(string name, GrainId grain, IGrainStorage storage)
    : PersistentStateRecord, IPersistentState<TState>, IGrainState<TState>
{
    public TState State { get; set; } = Fresh();

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }

    string? Orleans.Core.IStorage.Etag => ETag;

    public override Task ReadStateAsync() => Wrapping("read", () => storage.ReadStateAsync(name, grain, this));

    public Task WriteStateAsync() => Wrapping("write", () => storage.WriteStateAsync(name, grain, this));

    public Task ClearStateAsync() => Wrapping("clear", () => storage.ClearStateAsync(name, grain, this));

    private static TState Fresh() => typeof(TState).GetConstructor(Type.EmptyTypes) is null && !typeof(TState).IsValueType
        ? (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState))
        : Activator.CreateInstance<TState>();

    /// <summary>A grain sees failures of any storage as <see cref="OrleansException"/>.</summary>
    private async Task Wrapping(string what, Func<Task> operation)
    {
        try
        {
            await operation();
        }
        catch (Exception exception) when (exception is not (OrleansException or OperationCanceledException))
        {
            throw new OrleansException($"Record '{name}' of {grain}: {what} failed: {exception.Message}", exception);
        }
    }
}
