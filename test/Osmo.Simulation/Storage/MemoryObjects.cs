using System.Runtime.CompilerServices;
using Osmo.Simulation.Faults;
using Osmo.Storage.Objects;

namespace Osmo.Simulation.Storage;

/// <summary>Objects that survive crashes.</summary>
internal sealed class MemoryObjects
{
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _objects.Keys;

    public byte[]? Find(string key) => _objects.GetValueOrDefault(key);

    public void Put(string key, byte[] content) => _objects[key] = content;

    public void Remove(string key) => _objects.Remove(key);
}

/// <summary>Object storage as one process of the control plane sees it: it may refuse.</summary>
internal sealed class SimulatedObjects(MemoryObjects objects, FaultRates rates, Dice dice) : IObjectStore
{
    public async Task Write(string key, Stream content, CancellationToken cancellation = default)
    {
        Fail();
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        objects.Put(key, copy.ToArray());
        Fail();
    }

    public Task<Stream?> Read(string key, CancellationToken cancellation = default)
    {
        Fail();
        return Task.FromResult<Stream?>(objects.Find(key) is { } content ? new MemoryStream(content, writable: false) : null);
    }

    public async IAsyncEnumerable<string> List(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var key in objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList()) yield return key;

        await Task.CompletedTask;
    }

    public Task Delete(string key, CancellationToken cancellation = default)
    {
        Fail();
        objects.Remove(key);
        return Task.CompletedTask;
    }

    private void Fail()
    {
        if (dice.Once(rates.ObjectsFail)) throw new IOException("Object storage refuses, as the seed wants it.");
    }
}
