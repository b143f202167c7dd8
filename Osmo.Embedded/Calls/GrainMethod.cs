using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Calls;

/// <summary>What the declaration of an interface method says about its calls.</summary>
internal sealed class GrainMethod(MethodInfo method)
{
    public MethodInfo Method { get; } = method;

    public int ArgumentCount { get; } = method.GetParameters().Length;

    public bool IsOneWay { get; } = method.IsDefined(typeof(OneWayAttribute));

    /// <summary>Null: as the engine's options say.</summary>
    public TimeSpan? ResponseTimeout { get; } = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;

    public Interleaving Interleaving { get; } =
        method.IsDefined(typeof(AlwaysInterleaveAttribute)) ? Interleaving.Free
        : method.IsDefined(typeof(ReadOnlyAttribute)) ? Interleaving.Read
        : Interleaving.Exclusive;

    public override string ToString() => $"{Method.DeclaringType!.Name}.{Method.Name}";
}
