using System.Collections.Immutable;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;

namespace Osmo.Grains.Tests.Tasks;

/// <summary>How actions reach the connection that counts (contract: runtime-protocol §9).</summary>
[Collection(GrainTests.Name)]
public sealed class TaskMailboxTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    private ITaskGrain NewTask() => _world.Grains.GetGrain<ITaskGrain>($"{_world.NewUuid()}/task");

    [Fact]
    public async Task Restart_DropsTheBarrierThatOpenedBeforeIt()
    {
        var task = NewTask();
        var restart = new TaskAction(0, "restart") { Restart = 1 };
        await task.Push(TaskAction.Barrier(0));
        await task.Push(restart);
        await task.Push(TaskAction.Barrier(0));

        Assert.Equal((TaskAction[])[restart, TaskAction.Barrier(0)], await task.NextActions(await task.Attach(0), 0, default));
    }

    [Fact]
    public async Task Actions_PushedBeforeAndWhileWaiting_Arrive()
    {
        var task = NewTask();
        await task.Push(new TaskAction(0, "one"));
        await task.Push(new TaskAction(0, "two"));
        Assert.Equal(["one", "two"], (await task.NextActions(1, 0, default)).Select(action => action.Document));

        var waiting = Ask(task, 1, 0);
        await task.Push(new TaskAction(0, "three"));
        Assert.Equal("three", Assert.Single(await waiting.WaitAsync(World.Patience)).Document);
    }

    [Fact]
    public async Task Actions_WithTwoConnections_GoToTheNewerHoweverOftenTheOlderAsks()
    {
        var task = NewTask();
        var older = await AttachAndTake();
        var newer = await AttachAndTake();

        using var gone = new CancellationTokenSource();
        var again = Ask(task, older, 0, gone.Token);
        await task.Push(new TaskAction(0, "one"));
        Assert.Equal("one", Assert.Single(await Ask(task, newer, 0)).Document);
        Assert.False(again.IsCompleted);
        await gone.CancelAsync();

        async Task<long> AttachAndTake()
        {
            var session = await task.Attach(0);
            await task.Push(new TaskAction(0, $"{session}"));
            Assert.Equal($"{session}", Assert.Single(await task.NextActions(session, 0, default)).Document);
            return session;
        }
    }

    [Fact]
    public async Task Actions_WhenTheClockIsPutBackBetweenConnections_GoToTheNewer()
    {
        var task = NewTask();
        var older = task.NextActions(await task.Attach(0), 0, default);
        using var corrected = new Correction(_world.Clock, TimeSpan.FromHours(-1));
        var newer = await task.Attach(0);
        await task.Push(new TaskAction(0, "one"));

        Assert.Empty(await older.WaitAsync(World.Patience));
        Assert.Equal("one", Assert.Single(await Ask(task, newer, 0)).Document);
    }

    [Fact]
    public async Task Actions_ForConnectionsOfAnEarlierActivation_GoToTheNewestOfAll()
    {
        // Their numbers are all this activation knows of them.
        var task = NewTask();
        var elsewhere = _world.Clock.GetUtcNow().AddHours(1).Ticks;
        await task.Push(new TaskAction(0, "one"));
        Assert.Equal("one", Assert.Single(await task.NextActions(elsewhere, 0, default)).Document);
        var attached = await task.Attach(0);
        await task.Push(new TaskAction(0, "two"));
        Assert.Equal("two", Assert.Single(await task.NextActions(attached, 0, default)).Document);

        using var gone = new CancellationTokenSource();
        var again = Ask(task, elsewhere, 0, gone.Token);
        await task.Push(new TaskAction(0, "three"));
        Assert.Equal("three", Assert.Single(await Ask(task, attached, 0)).Document);
        Assert.False(again.IsCompleted);
        await gone.CancelAsync();
    }

    [Fact]
    public async Task Attach_OfAnOlderAttempt_TakesNothingFromTheNewer()
    {
        var task = NewTask();
        var newer = await task.Attach(1);
        var waiting = Ask(task, newer, 1);
        await task.Attach(0);
        await task.Push(new TaskAction(1, "one"));

        Assert.Equal("one", Assert.Single(await waiting.WaitAsync(World.Patience)).Document);
    }

    [Fact]
    public async Task Actions_OfAnotherAttempt_AreForThatAttempt()
    {
        var task = NewTask();
        await task.Push(new TaskAction(0, "old"));
        await task.Push(new TaskAction(1, "new"));
        Assert.Equal("new", Assert.Single(await task.NextActions(2, 1, default)).Document);

        using var gone = new CancellationTokenSource();
        var former = Ask(task, 3, 0, gone.Token);
        var waiting = task.NextActions(2, 1, default);
        await task.Push(new TaskAction(0, "older"));
        await task.Push(new TaskAction(1, "newer"));
        Assert.Contains("newer", (await waiting.WaitAsync(World.Patience)).Concat(await Rest()).Select(action => action.Document));
        Assert.False(former.IsCompleted);
        await gone.CancelAsync();

        async Task<IEnumerable<TaskAction>> Rest()
        {
            await task.Push(new TaskAction(1, "last"));
            return await task.NextActions(2, 1, default);
        }
    }

    [Fact]
    public async Task Detach_EndsTheWait_AndAnotherConnectionTakesOver()
    {
        var task = NewTask();
        var waiting = task.NextActions(2, 0, default);
        await task.Detach(2);
        Assert.Empty(await waiting.WaitAsync(World.Patience));
        await task.Push(new TaskAction(0, "one"));
        Assert.Equal("one", Assert.Single(await task.NextActions(1, 0, default)).Document);
    }

    /// <summary>As a gateway does: it asks again when the grain has held the call for long enough.</summary>
    private static Task<ImmutableArray<TaskAction>> Ask(ITaskGrain task, long session, int retryId, CancellationToken cancellation = default) =>
        World.Ask(token => task.NextActions(session, retryId, token), actions => !actions.IsEmpty, cancellation);

    [Fact]
    public async Task Actions_NobodyAsksFor_AreBounded()
    {
        var task = NewTask();
        for (var number = 0; number < 300; number++)
        {
            await task.Push(new TaskAction(0, $"{number}"));
        }

        var kept = await task.NextActions(1, 0, default);
        Assert.Equal((256, "299"), (kept.Length, kept[^1].Document));
    }
}
