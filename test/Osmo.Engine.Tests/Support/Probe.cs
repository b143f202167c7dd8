using System.Collections.Concurrent;

namespace Osmo.Engine.Tests.Support;

/// <summary>
/// What grains of a test tell, and where they wait for it: a service shared by the test and the silo in the same process. Everything is by key, one per test.
/// </summary>
public sealed class Probe
{
    /// <summary>A wait longer than this is a failed test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string[]> _told = [];
    private readonly List<(string Key, Predicate<string[]> Enough, TaskCompletionSource<string[]> Heard)> _listeners = [];

    public void Tell(string key, string what)
    {
        lock (_lock)
        {
            var told = _told[key] = [.. Told(key), what];
            foreach (var listener in _listeners.Where(listener => listener.Key == key && listener.Enough(told)).ToArray())
            {
                _listeners.Remove(listener);
                listener.Heard.SetResult(told);
            }
        }
    }

    /// <summary>All that was told so far.</summary>
    public string[] Told(string key)
    {
        lock (_lock) return _told.GetValueOrDefault(key, []);
    }

    public Task<string[]> Hear(string key, string what) => Hear(key, told => told.Contains(what));

    public Task<string[]> Hear(string key, int count) => Hear(key, told => told.Length >= count);

    public async Task<string[]> Hear(string key, Predicate<string[]> enough)
    {
        var heard = new TaskCompletionSource<string[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (enough(Told(key))) return Told(key);
            _listeners.Add((key, enough, heard));
        }

        try
        {
            return await heard.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{key}' told only: {string.Join(", ", Told(key))}");
        }
    }

    /// <summary>Waits until the test opens the gate.</summary>
    public Task Gate(string key) => _gates.GetOrAdd(key, NewGate).Task;

    public void Open(string key) => _gates.GetOrAdd(key, NewGate).TrySetResult();

    private static TaskCompletionSource NewGate(string key) => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
