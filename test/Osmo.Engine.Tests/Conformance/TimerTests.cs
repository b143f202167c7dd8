using Orleans.Concurrency;
using Orleans.Runtime;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.ITimerGrain")]
public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer that tells its ticks.</summary>
    [Alias("Start")]
    Task Start(string name, int dueMilliseconds, int periodMilliseconds, bool interleave, string mood);

    /// <summary>The same, whatever call runs.</summary>
    [Alias("StartMeanwhile"), AlwaysInterleave]
    Task StartMeanwhile(string name, int dueMilliseconds, int periodMilliseconds, bool interleave, string mood);

    [Alias("Change")]
    Task Change(string name, int dueMilliseconds, int periodMilliseconds);

    [Alias("Stop")]
    Task Stop(string name);

    /// <summary>Runs until the gate of the grain opens.</summary>
    [Alias("Work")]
    Task Work();

    [Alias("Leave")]
    Task Leave();
}

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private readonly Dictionary<string, IGrainTimer> _timers = [];

    private string Key => this.GetPrimaryKeyString();

    public Task Start(string name, int dueMilliseconds, int periodMilliseconds, bool interleave, string mood)
    {
        var options = new GrainTimerCreationOptions
        {
            DueTime = TimeSpan.FromMilliseconds(dueMilliseconds),
            Period = TimeSpan.FromMilliseconds(periodMilliseconds),
            Interleave = interleave,
        };
        _timers[name] = this.RegisterGrainTimer((state, cancellation) => Tick(state.Name, state.Mood, cancellation), (Name: name, Mood: mood), options);
        return Task.CompletedTask;
    }

    public Task StartMeanwhile(string name, int dueMilliseconds, int periodMilliseconds, bool interleave, string mood) =>
        Start(name, dueMilliseconds, periodMilliseconds, interleave, mood);

    public Task Change(string name, int dueMilliseconds, int periodMilliseconds)
    {
        _timers[name].Change(TimeSpan.FromMilliseconds(dueMilliseconds), TimeSpan.FromMilliseconds(periodMilliseconds));
        return Task.CompletedTask;
    }

    public Task Stop(string name)
    {
        _timers[name].Dispose();
        return Task.CompletedTask;
    }

    public async Task Work()
    {
        probe.Tell(Key, "work begins");
        await probe.Gate(Key);
        probe.Tell(Key, "work ends");
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task Tick(string name, string mood, CancellationToken cancellation)
    {
        probe.Tell(Key, $"{name} ticks");
        switch (mood)
        {
            case "failing":
                throw new InvalidOperationException("A bad tick.");
            case "disposing":
                _timers[name].Dispose();
                break;
            case "slow":
                await probe.Gate($"{Key} {name}").WaitAsync(cancellation).ContinueWith(
                    gate => probe.Tell(Key, gate.IsCanceled ? $"{name} cancelled" : $"{name} ticked"), TaskScheduler.Current);
                break;
        }
    }
}

public sealed class TimerTests(EngineFixture engine) : ConformanceTest(engine)
{
    private const int Never = -1;

    [Fact]
    public async Task Timer_WithAPeriod_TicksAgainAndAgain()
    {
        var grain = Grain<ITimerGrain>(out var key);

        await Soon(grain.Start("timer", 1, 10, interleave: false, "quick"));

        await Probe.Hear(key, 5);
        await Soon(grain.Stop("timer"));
    }

    [Fact]
    public async Task Timer_WithoutAPeriod_TicksOnce()
    {
        var grain = Grain<ITimerGrain>(out var key);

        await Soon(grain.Start("once", 1, Never, interleave: false, "quick"));
        await Probe.Hear(key, "once ticks");
        await Soon(grain.Start("other", 1, 20, interleave: false, "quick"));
        var told = await Probe.Hear(key, 4);

        Assert.Single(told, "once ticks");
        await Soon(grain.Stop("other"));
    }

    [Fact]
    public async Task Timer_WhileACallRuns_WaitsUnlessItInterleaves()
    {
        var grain = Grain<ITimerGrain>(out var key);
        var work = grain.Work();
        await Probe.Hear(key, "work begins");
        await Soon(grain.StartMeanwhile("polite", 1, Never, interleave: false, "quick"));
        await Soon(grain.StartMeanwhile("pushy", 20, 20, interleave: true, "quick"));
        await Probe.Hear(key, told => told.Count(what => what == "pushy ticks") >= 3);

        Probe.Open(key);
        await Soon(work);

        var order = await Probe.Hear(key, "polite ticks");
        Assert.True(Array.IndexOf(order, "polite ticks") > Array.IndexOf(order, "work ends"), string.Join(", ", order));
        await Soon(grain.Stop("pushy"));
    }

    [Fact]
    public async Task Timer_WhileItsTickRuns_DoesNotTickAgain()
    {
        var grain = Grain<ITimerGrain>(out var key);
        await Soon(grain.Start("slow", 1, 1, interleave: true, "slow"));
        await Probe.Hear(key, "slow ticks");
        await Soon(grain.Start("clock", 1, 20, interleave: true, "quick"));
        var told = await Probe.Hear(key, 5);
        Assert.Single(told, "slow ticks");

        Probe.Open($"{key} slow");

        var after = await Probe.Hear(key, what => what.Count(text => text == "slow ticks") >= 3);
        Assert.Equal(["slow ticks", "slow ticked", "slow ticks", "slow ticked"], after.Where(what => what.StartsWith("slow", StringComparison.Ordinal)).Take(4));
        await Soon(grain.Stop("slow"));
        await Soon(grain.Stop("clock"));
    }

    [Fact]
    public async Task Timer_WhoseTickFails_GoesOn()
    {
        var grain = Grain<ITimerGrain>(out var key);

        await Soon(grain.Start("bad", 1, 1, interleave: false, "failing"));

        await Probe.Hear(key, 3);
        await Soon(grain.Stop("bad"));
    }

    [Fact]
    public async Task Timer_DisposedInItsTick_TicksNoMore()
    {
        var grain = Grain<ITimerGrain>(out var key);

        await Soon(grain.Start("last", 1, 1, interleave: false, "disposing"));
        await Probe.Hear(key, "last ticks");
        await Soon(grain.Start("clock", 1, 20, interleave: false, "quick"));
        var told = await Probe.Hear(key, 4);

        Assert.Single(told, "last ticks");
        await Soon(grain.Stop("clock"));
    }

    [Fact]
    public async Task Timer_Changed_TicksAtItsNewTime()
    {
        var grain = Grain<ITimerGrain>(out var key);
        await Soon(grain.Start("later", Never, Never, interleave: false, "quick"));

        await Soon(grain.Change("later", 1, 10));

        await Probe.Hear(key, 3);
        await Soon(grain.Stop("later"));
    }

    [Fact]
    public async Task Timer_OfAnEndedActivation_TicksNoMore()
    {
        var grain = Grain<ITimerGrain>(out var key);
        await Soon(grain.Start("old", 1, 1, interleave: true, "quick"));
        await Probe.Hear(key, "old ticks");

        await Soon(grain.Leave());
        await Soon(grain.Start("new", 1, 20, interleave: false, "quick"));
        var told = await Probe.Hear(key, told => told.Count(what => what == "new ticks") >= 4);

        Assert.DoesNotContain("old ticks", told[Array.IndexOf(told, "new ticks")..]);
        await Soon(grain.Stop("new"));
    }

    [Fact]
    public async Task Timer_DisposedWhileItsTickRuns_CancelsTheTick()
    {
        var grain = Grain<ITimerGrain>(out var key);
        await Soon(grain.Start("slow", 1, 1, interleave: true, "slow"));
        await Probe.Hear(key, "slow ticks");

        await Soon(grain.Stop("slow"));

        Assert.Equal(["slow ticks", "slow cancelled"], await Probe.Hear(key, 2));
    }
}
