using Orleans.Runtime;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.IForgetfulGrain")]
public interface IForgetfulGrain : IGrainWithStringKey
{
    [Alias("Register")]
    Task<string> Register(string name, TimeSpan dueTime, TimeSpan period);

    /// <summary>Registers, and leaves at once.</summary>
    [Alias("RegisterAndLeave")]
    Task RegisterAndLeave(string name, TimeSpan dueTime);

    [Alias("Find")]
    Task<string?> Find(string name);

    [Alias("All")]
    Task<string> All();

    [Alias("Unregister")]
    Task Unregister(string name);
}

public sealed class ForgetfulGrain(Probe probe) : Grain, IForgetfulGrain, IRemindable
{
    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Tell(Key, "activated");
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var late = status.CurrentTickTime - status.FirstTickTime;
        probe.Tell(Key, $"{reminderName}, {status.Period}, {(late >= TimeSpan.FromSeconds(-1) && late < TimeSpan.FromSeconds(90) ? "in time" : late)}");
        return Task.CompletedTask;
    }

    public async Task<string> Register(string name, TimeSpan dueTime, TimeSpan period) =>
        (await this.RegisterOrUpdateReminder(name, dueTime, period)).ReminderName;

    public async Task RegisterAndLeave(string name, TimeSpan dueTime)
    {
        await this.RegisterOrUpdateReminder(name, dueTime, TimeSpan.FromMinutes(2));
        DeactivateOnIdle();
    }

    public async Task<string?> Find(string name) => (await this.GetReminder(name))?.ReminderName;

    public async Task<string> All() => string.Join(",", (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order());

    public async Task Unregister(string name)
    {
        if (await this.GetReminder(name) is { } reminder) await this.UnregisterReminder(reminder);
    }
}

public sealed class ReminderTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Reminder_Registered_IsFoundUntilItIsUnregistered()
    {
        var grain = Grain<IForgetfulGrain>(out _);

        Assert.Equal("one", await Soon(grain.Register("one", TimeSpan.FromHours(1), TimeSpan.FromHours(1))));
        Assert.Equal("two", await Soon(grain.Register("two", TimeSpan.FromHours(1), TimeSpan.FromHours(1))));
        Assert.Equal("one", await Soon(grain.Find("one")));
        Assert.Equal("one,two", await Soon(grain.All()));

        await Soon(grain.Unregister("one"));
        Assert.Null(await Soon(grain.Find("one")));
        Assert.Equal("two", await Soon(grain.All()));
        await Soon(grain.Unregister("two"));
    }

    [Fact]
    public async Task Reminder_Due_ActivatesTheGrain()
    {
        var grain = Grain<IForgetfulGrain>(out var key);

        await Soon(grain.RegisterAndLeave("wake up", TimeSpan.FromSeconds(0.5)));

        Assert.Equal(["activated", "activated", "wake up, 00:02:00, in time"], await Probe.Hear(key, 3));
        await Soon(grain.Unregister("wake up"));
    }

    [Fact]
    public async Task Reminder_RegisteredAgain_HasTheNewTimes()
    {
        var grain = Grain<IForgetfulGrain>(out var key);
        await Soon(grain.Register("it", TimeSpan.FromHours(1), TimeSpan.FromHours(1)));

        await Soon(grain.Register("it", TimeSpan.FromSeconds(0.2), TimeSpan.FromHours(2)));

        await Probe.Hear(key, "it, 02:00:00, in time");
        await Soon(grain.Unregister("it"));
    }

    [Fact]
    public async Task Reminder_WithTooShortAPeriod_IsRefused()
    {
        var grain = Grain<IForgetfulGrain>(out _);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => Soon(grain.Register("too often", TimeSpan.Zero, TimeSpan.FromSeconds(5))));
        Assert.Null(await Soon(grain.Find("too often")));
    }
}
