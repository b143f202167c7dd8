using System.Collections.Concurrent;
using System.Reflection;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>
/// A grain factory that gives out hand-written grains. Both engines' factory interfaces differ in what a test never calls, so it is a
/// proxy.
/// </summary>
public class FakeGrains : DispatchProxy
{
    private readonly ConcurrentDictionary<(Type, string), object> _grains = new();
    private readonly ConcurrentDictionary<Type, Func<string, object>> _makers = new();

    public static (IGrainFactory Factory, FakeGrains Fakes) Create()
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        return (factory, (FakeGrains)(object)factory);
    }

    public void Add<TGrain>(Func<string, TGrain> make) where TGrain : class => _makers[typeof(TGrain)] = make;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && args is [string key, ..])
        {
            var type = targetMethod.GetGenericArguments()[0];
            return _makers.TryGetValue(type, out var make)
                ? _grains.GetOrAdd((type, key), _ => make(key))
                : throw new InvalidOperationException($"This test has no {type.Name}.");
        }

        throw new NotSupportedException($"Tests do not call {targetMethod?.Name}.");
    }
}
