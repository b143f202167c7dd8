using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Osmo.Embedded.Reminders;
using Osmo.Embedded.Simulation;
using Osmo.Engine.Tests.Support;
using Osmo.Testing;

namespace Osmo.Engine.Tests.Embedded;

public sealed class SimulationTests
{
    private readonly Probe _probe = new();
    private readonly InMemoryReminderStore _reminders = new();

    [Fact]
    public void Run_WithTheSameSeed_IsTheSame()
    {
        var (hash, told) = Hops(seed: 7);
        var (again, toldAgain) = Hops(seed: 7);

        Assert.Equal(hash, again);
        Assert.Equal(told, toldAgain);
    }

    [Fact]
    public void Run_WithDifferentSeeds_FindsManyInterleavings()
    {
        var runs = Enumerable.Range(1, 30).Select(Hops).ToList();

        Assert.All(runs, run => Assert.Equal(runs[0].Told.Order(), run.Told.Order()));
        Assert.True(runs.Select(run => string.Join('|', run.Told)).Distinct().Count() > 20);
    }

    [Fact]
    public void Time_OfTimersAndReminders_IsVirtualAndExact()
    {
        var world = new SimulatedScheduler(1);
        using var silo = Start(world);
        var grain = silo.Grains.GetGrain<IHopGrain>("x");
        world.RunUntilCompleted(silo.Process.Start(() => grain.TickEvery(TimeSpan.FromMinutes(4))));
        world.RunUntilCompleted(silo.Process.Start(() => grain.RemindEvery(TimeSpan.FromMinutes(10))));

        world.AdvanceTo(new DateTimeOffset(2026, 1, 1, 0, 12, 0, TimeSpan.Zero));

        Assert.Equal(["00:04:00 x tick", "00:08:00 x tick", "00:10:00 x reminded of it", "00:12:00 x tick"], _probe.Told("all"));
    }

    [Fact]
    public void Time_WithoutUse_CollectsTheGrain()
    {
        var world = new SimulatedScheduler(1);
        using var silo = Start(world);
        world.RunUntilCompleted(silo.Process.Start(() => silo.Grains.GetGrain<IHopGrain>("x").Hop("hello", 0)));

        world.AdvanceBy(TimeSpan.FromMinutes(15));
        Assert.Equal(["00:00:00 x hello"], _probe.Told("all"));
        world.AdvanceBy(TimeSpan.FromMinutes(2));

        Assert.Equal(["00:00:00 x hello", "00:16:00 x ActivationIdle"], _probe.Told("all"));
    }

    [Fact]
    public void Call_ThatIsNeverAnswered_TimesOutInVirtualTime()
    {
        var world = new SimulatedScheduler(1);
        using var silo = Start(world);
        var call = silo.Process.Start(() => silo.Grains.GetGrain<IHopGrain>("x").Never());

        world.AdvanceBy(TimeSpan.FromSeconds(29.9));
        Assert.False(call.IsCompleted);
        world.AdvanceBy(TimeSpan.FromSeconds(1));

        Assert.IsType<TimeoutException>(call.Exception!.InnerException);
    }

    [Fact]
    public void Stop_WithALongPollRunning_CancelsItAndEndsAll()
    {
        var world = new SimulatedScheduler(1);
        using var silo = Start(world);
        using var source = new CancellationTokenSource();
        var poll = silo.Process.Start(() => silo.Grains.GetGrain<IHopGrain>("x").Wait(source.Token));
        world.RunUntilIdle();

        world.RunUntilCompleted(silo.Stop(), within: TimeSpan.FromSeconds(1));

        Assert.True(poll.IsCanceled);
        Assert.Equal(["00:00:00 x waits", "00:00:00 x ShuttingDown"], _probe.Told("all"));
        var late = silo.Process.Start(() => silo.Grains.GetGrain<IHopGrain>("y").Hop("late", 0));
        Assert.Throws<OrleansMessageRejectionException>(() => world.RunUntilCompleted(late));
    }

    [Fact]
    public void Kill_OfAProcess_EndsItBetweenTwoStepsAndLeavesWhatIsStored()
    {
        var world = new SimulatedScheduler(3);
        using var first = Start(world);
        world.RunUntilCompleted(first.Process.Start(() => first.Grains.GetGrain<IHopGrain>("x").RemindEvery(TimeSpan.FromMinutes(1))));
        var hops = first.Process.Start(() => first.Grains.GetGrain<IHopGrain>("x").Hop("w", 5));
        world.OnStep = step =>
        {
            if (_probe.Told("all").Length == 7) first.Process.Kill();
        };

        world.AdvanceBy(TimeSpan.FromMinutes(5));
        Assert.False(hops.IsCompleted);
        Assert.Equal(7, _probe.Told("all").Length);

        using var second = Start(world);
        world.AdvanceBy(TimeSpan.FromMinutes(1));
        Assert.EndsWith("x reminded of it", _probe.Told("all")[7], StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OfWhatNeverCompletes_SaysSo()
    {
        var world = new SimulatedScheduler(11);
        var task = world.NewProcess("waiter").Start(() => new TaskCompletionSource().Task);

        var exception = Assert.Throws<SimulationException>(() => world.RunUntilCompleted(task));

        Assert.Contains("seed 11", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfCodeThatLeaves_SaysSo()
    {
        var world = new SimulatedScheduler(1);
        var process = world.NewProcess("leaver");
        using var back = new ManualResetEventSlim();
        world.OnStep = _ =>
        {
            if (world.Steps > 1) Assert.True(back.Wait(Probe.Patience));
        };
        _ = process.Start(async () =>
        {
            var outside = new TaskCompletionSource();
            var other = process.Start(() => Task.CompletedTask); // keeps the run going
            _ = Task.Run(() =>
            {
                outside.SetResult();
                back.Set();
            });
            await outside.Task;
            await other;
        });

        Assert.Contains("another thread", Assert.Throws<SimulationException>(world.RunUntilIdle).Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    private SimulatedSilo Start(SimulatedScheduler world)
    {
        var silo = SimulatedSilo.Create(
            world.NewProcess("silo"),
            options => options.AddGrains(typeof(HopGrain).Assembly),
            services => services.AddSingleton(_probe).AddSingleton<IReminderStore>(_reminders));
        world.RunUntilCompleted(silo.Start());
        return silo;
    }

    private static (ulong Hash, string[] Told) Hops(int seed)
    {
        var test = new SimulationTests();
        var world = new SimulatedScheduler(seed);
        using var silo = test.Start(world);
        var words = new[] { "u", "v", "w" }.Select(word => silo.Process.Start(() => silo.Grains.GetGrain<IHopGrain>(word).Hop(word, 4))).ToList();
        foreach (var word in words) world.RunUntilCompleted(word);
        world.AdvanceBy(TimeSpan.FromMinutes(20));
        return (world.TraceHash, test._probe.Told("all"));
    }
}
