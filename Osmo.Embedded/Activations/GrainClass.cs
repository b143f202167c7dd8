using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Osmo.Embedded.Persistence;

namespace Osmo.Embedded.Activations;

/// <summary>What the engine knows about a grain class: its name, how to construct it, and what may interleave in it.</summary>
internal sealed class GrainClass
{
    private readonly ConstructorInvoker _constructor;
    private readonly Func<Activation, object?>[] _arguments;
    private readonly bool _reentrant;
    private readonly Func<object, IInvokable, bool>? _mayInterleave;
    private readonly ConcurrentDictionary<MethodInfo, MethodInfo> _implementations = new();

    /// <exception cref="InvalidOperationException">The class declares something the engine cannot honour; the message says what.</exception>
    public GrainClass(Type type)
    {
        Type = type;
        GrainType = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? DefaultName(type));
        _reentrant = type.IsDefined(typeof(ReentrantAttribute));
        _mayInterleave = type.GetCustomAttribute<MayInterleaveAttribute>() is { } attribute ? Predicate(type, attribute) : null;

        var constructors = type.GetConstructors();
        if (constructors.Length != 1)
        {
            throw new InvalidOperationException($"Grain class {type} has {constructors.Length} public constructors; the engine needs exactly one.");
        }

        _constructor = ConstructorInvoker.Create(constructors[0]);
        _arguments = [.. constructors[0].GetParameters().Select(Argument)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    /// <summary>The grain interfaces of the class.</summary>
    public IEnumerable<Type> Interfaces => Type.GetInterfaces().Where(candidate => typeof(IGrain).IsAssignableFrom(candidate));

    public object Construct(Activation activation)
    {
        var arguments = new object?[_arguments.Length];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = _arguments[i](activation);
        return _constructor.Invoke(arguments.AsSpan());
    }

    public Interleaving InterleavingOf(Request request, object grain)
    {
        var interleaving = request.DefaultInterleaving;
        if (interleaving == Interleaving.Free || request is not IInvokable call) return interleaving;
        return _reentrant || _mayInterleave?.Invoke(grain, call) == true ? Interleaving.Free : interleaving;
    }

    /// <summary>The method of the class that implements an interface method.</summary>
    public MethodInfo ImplementationOf(MethodInfo interfaceMethod) => _implementations.GetOrAdd(interfaceMethod, method =>
    {
        var map = Type.GetInterfaceMap(method.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)];
    });

    private static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > "grain".Length ? name[..^"grain".Length] : name;
    }

    private static Func<object, IInvokable, bool> Predicate(Type type, MayInterleaveAttribute attribute)
    {
        var method = type.GetMethod(
            attribute.CallbackMethodName,
            BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.FlattenHierarchy,
            [typeof(IInvokable)]);
        if (method is null || method.ReturnType != typeof(bool))
        {
            throw new InvalidOperationException(
                $"[MayInterleave] of {type} names {attribute.CallbackMethodName}; expected: public [static] bool {attribute.CallbackMethodName}(IInvokable request).");
        }

        var invoker = MethodInvoker.Create(method);
        return (grain, call) => (bool)invoker.Invoke(method.IsStatic ? null : grain, call)!;
    }

    private static Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state) return PersistentStateRecord.Maker(parameter, state);
        if (type == typeof(IGrainContext)) return activation => activation;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
        {
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        }

        return parameter.HasDefaultValue
            ? activation => activation.ActivationServices.GetService(type) ?? parameter.DefaultValue
            : activation => activation.ActivationServices.GetRequiredService(type);
    }
}
