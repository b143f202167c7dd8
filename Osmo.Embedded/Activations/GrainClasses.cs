using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace Osmo.Embedded.Activations;

/// <summary>The grain classes of some assemblies, found by interface and by name.</summary>
internal sealed class GrainClasses
{
    private readonly FrozenDictionary<Type, GrainClass[]> _byInterface;
    private readonly FrozenDictionary<GrainType, GrainClass> _byName;

    /// <exception cref="InvalidOperationException">Two classes have the same name, or one cannot be used.</exception>
    public GrainClasses(IEnumerable<Assembly> assemblies)
    {
        var classes = assemblies.Distinct()
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && typeof(Grain).IsAssignableFrom(type))
            .Select(type => new GrainClass(type))
            .ToList();

        if (classes.GroupBy(grainClass => grainClass.GrainType).FirstOrDefault(group => group.Count() > 1) is { } doubled)
        {
            throw new InvalidOperationException(
                $"Grain type '{doubled.Key}' names {string.Join(" and ", doubled.Select(grainClass => grainClass.Type))}; give one of them another [GrainType].");
        }

        _byName = classes.ToFrozenDictionary(grainClass => grainClass.GrainType);
        _byInterface = classes
            .SelectMany(grainClass => grainClass.Interfaces, (grainClass, type) => (type, grainClass))
            .GroupBy(pair => pair.type, pair => pair.grainClass)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
    }

    /// <exception cref="ArgumentException">None or several.</exception>
    public GrainClass ByInterface(Type type)
    {
        if (_byInterface.TryGetValue(type, out var classes) && classes.Length == 1) return classes[0];

        throw new ArgumentException(classes is null
            ? $"No grain class implements {type}. Is its assembly among those given to the engine?"
            : $"{type} is implemented by {string.Join(" and ", classes.Select(grainClass => grainClass.Type))}; name the grain by an interface of its own.");
    }

    /// <exception cref="ArgumentException">There is none.</exception>
    public GrainClass ByName(GrainType name) => _byName.TryGetValue(name, out var grainClass)
        ? grainClass
        : throw new ArgumentException($"No grain class is named '{name}'.");
}
