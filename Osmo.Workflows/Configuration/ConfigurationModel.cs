using System.Collections.Immutable;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// A snapshot with its pools resolved: what submit, the objects of a group and the resource figures work with. Immutable; built once per
/// version.
/// </summary>
public sealed record ConfigurationModel
{
    private ConfigurationModel(
        ConfigurationSnapshot snapshot, ImmutableSortedDictionary<string, PoolModel> pools, ImmutableSortedDictionary<string, BackendTestModel> backendTests)
    {
        Snapshot = snapshot;
        Pools = pools;
        BackendTests = backendTests;
    }

    public ConfigurationSnapshot Snapshot { get; }

    public ImmutableSortedDictionary<string, PoolModel> Pools { get; }

    public ImmutableSortedDictionary<string, BackendTestModel> BackendTests { get; }

    /// <exception cref="ConfigurationException">
    /// A reference leads nowhere or a document cannot be read; the message names all of them.
    /// </exception>
    public static ConfigurationModel Build(ConfigurationSnapshot snapshot)
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        var pools = ImmutableSortedDictionary.CreateBuilder<string, PoolModel>(StringComparer.Ordinal);
        foreach (var name in snapshot.Pools.Keys)
        {
            pools.Add(name, new PoolResolution(snapshot, name, faults).Resolve());
        }

        var tests = BackendTestResolution.Resolve(snapshot, faults);
        return faults.Count == 0
            ? new ConfigurationModel(snapshot, pools.ToImmutable(), tests)
            : throw new ConfigurationException(faults.DrainToImmutable());
    }

    public PoolModel? FindPool(string name) => Pools.GetValueOrDefault(name);

    /// <summary>The backend's configuration; one that was never configured has the defaults.</summary>
    public BackendConfig Backend(string name) => Snapshot.Backends.GetValueOrDefault(name) ?? new BackendConfig();
}

/// <summary>Configuration that cannot be used. The former configuration stays in force.</summary>
public sealed class ConfigurationException : Exception
{
    public ConfigurationException(ImmutableArray<string> faults)
        : base(string.Join('\n', faults)) => Faults = faults;

    /// <summary>One sentence each, in the contract's wording where it has one (contract: config §3.4).</summary>
    public ImmutableArray<string> Faults { get; }
}
