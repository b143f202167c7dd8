namespace Osmo.Gateway.Meta;

/// <summary>A value that is read again when it is older than <paramref name="ageMax"/>. Callers share one read.</summary>
/// <param name="read">Given the former value, null at first. When it fails, the callers of that read get its exception.</param>
internal sealed class CachedRead<T>(TimeProvider time, TimeSpan ageMax, Func<T?, Task<T>> read) where T : class
{
    private readonly Lock _gate = new();
    private T? _value;
    private long _readAt;
    private Task<T>? _reading;

    public ValueTask<T> Get(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return _value is { } value && time.GetElapsedTime(_readAt) < ageMax
                ? new(value)
                : new((_reading ??= Read()).WaitAsync(cancellation));
        }
    }

    /// <summary>A value read after this call.</summary>
    public async ValueTask<T> GetFresh(CancellationToken cancellation)
    {
        Task<T>? before;
        lock (_gate)
        {
            before = _reading;
        }

        if (before is not null)
        {
            await Task.WhenAny(before).WaitAsync(cancellation);
        }

        Task<T> reading;
        lock (_gate)
        {
            reading = _reading ??= Read();
        }

        return await reading.WaitAsync(cancellation);
    }

    private async Task<T> Read()
    {
        // The caller holds the gate; what follows must not run under it.
        await Task.Yield();
        try
        {
            var value = await read(_value);
            lock (_gate)
            {
                (_value, _readAt) = (value, time.GetTimestamp());
            }

            return value;
        }
        finally
        {
            lock (_gate)
            {
                _reading = null;
            }
        }
    }
}
