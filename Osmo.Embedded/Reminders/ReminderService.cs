using Orleans.Runtime;

namespace Osmo.Embedded.Reminders;

/// <summary>All reminders of the process: those in the store, each with its clock.</summary>
internal sealed class ReminderService(EmbeddedEngine engine, IReminderStore store) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId Grain, string Name), LocalReminder> _reminders = [];
    private bool _stopped;

    /// <summary>Starts what an earlier process left.</summary>
    public async Task Start(CancellationToken cancellation)
    {
        foreach (var row in await store.ReadAll(cancellation)) Set(row);
    }

    public async Task<IGrainReminder> RegisterOrUpdate(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < engine.Options.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"Reminder '{name}' of {grain} has a period of {period}; the minimum is {engine.Options.MinimumReminderPeriod}.", nameof(period));
        }

        var row = new ReminderRow(grain, name, engine.Time.GetUtcNow() + dueTime, period);
        await store.Put(row);
        Set(row);
        return new Handle(name);
    }

    public Task<IGrainReminder?> Get(GrainId grain, string name)
    {
        lock (_gate) return Task.FromResult<IGrainReminder?>(_reminders.ContainsKey((grain, name)) ? new Handle(name) : null);
    }

    public Task<List<IGrainReminder>> GetAll(GrainId grain)
    {
        lock (_gate)
        {
            return Task.FromResult(_reminders.Keys.Where(key => key.Grain == grain).Select(key => (IGrainReminder)new Handle(key.Name)).ToList());
        }
    }

    public async Task Unregister(GrainId grain, IGrainReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        await store.Remove(grain, reminder.ReminderName);
        lock (_gate)
        {
            if (_reminders.Remove((grain, reminder.ReminderName), out var local)) local.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var local in _reminders.Values) local.Dispose();
            _reminders.Clear();
        }
    }

    private void Set(ReminderRow row)
    {
        lock (_gate)
        {
            if (_stopped) return;
            if (_reminders.Remove((row.Grain, row.Name), out var former)) former.Dispose();
            _reminders[(row.Grain, row.Name)] = new LocalReminder(engine, row);
        }
    }

    private sealed record Handle(string ReminderName) : IGrainReminder;
}
