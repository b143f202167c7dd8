using Osmo.Storage.Objects;

namespace Osmo.Grains.Tests.Support;

/// <summary>Object storage that refuses reads and writes while it is told to.</summary>
internal sealed class FaultyObjects(IObjectStore inner) : IObjectStore
{
    private int _refusals;
    private volatile bool _isDown;

    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    public int Refusals => Volatile.Read(ref _refusals);

    public Task Write(string key, Stream content, CancellationToken cancellation = default)
    {
        RefuseWhileDown();
        return inner.Write(key, content, cancellation);
    }

    public Task<Stream?> Read(string key, CancellationToken cancellation = default)
    {
        RefuseWhileDown();
        return inner.Read(key, cancellation);
    }

    public IAsyncEnumerable<string> List(string prefix, CancellationToken cancellation = default) => inner.List(prefix, cancellation);

    public Task Delete(string key, CancellationToken cancellation = default) => inner.Delete(key, cancellation);

    private void RefuseWhileDown()
    {
        if (_isDown)
        {
            Interlocked.Increment(ref _refusals);
            throw new IOException("Object storage is down, as asked for.");
        }
    }
}
