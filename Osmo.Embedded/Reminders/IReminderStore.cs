using Orleans.Runtime;

namespace Osmo.Embedded.Reminders;

/// <summary>A stored schedule. Ticks are due at <paramref name="StartAt"/> plus whole periods.</summary>
public sealed record ReminderRow(GrainId Grain, string Name, DateTimeOffset StartAt, TimeSpan Period);

/// <summary>Where reminders are kept. One process uses it at a time.</summary>
public interface IReminderStore
{
    Task<IReadOnlyList<ReminderRow>> ReadAll(CancellationToken cancellation = default);

    /// <summary>Inserts or replaces by grain and name; durable when it returns.</summary>
    Task Put(ReminderRow row, CancellationToken cancellation = default);

    /// <summary>Removes it if it is there.</summary>
    Task Remove(GrainId grain, string name, CancellationToken cancellation = default);
}

/// <summary>Keeps reminders as long as the process lives.</summary>
public sealed class InMemoryReminderStore : IReminderStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId, string), ReminderRow> _rows = [];

    public Task<IReadOnlyList<ReminderRow>> ReadAll(CancellationToken cancellation = default)
    {
        lock (_gate) return Task.FromResult<IReadOnlyList<ReminderRow>>([.. _rows.Values]);
    }

    public Task Put(ReminderRow row, CancellationToken cancellation = default)
    {
        lock (_gate) _rows[(row.Grain, row.Name)] = row;
        return Task.CompletedTask;
    }

    public Task Remove(GrainId grain, string name, CancellationToken cancellation = default)
    {
        lock (_gate) _rows.Remove((grain, name));
        return Task.CompletedTask;
    }
}
