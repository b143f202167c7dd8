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
    public async Task Actions_PushedBeforeAndWhileWaiting_Arrive()
    {
        var task = NewTask();
        await task.Push(new TaskAction(0, "one"));
        await task.Push(new TaskAction(0, "two"));
        Assert.Equal(["one", "two"], (await task.NextActions("s", 0, default)).Select(action => action.Document));

        var waiting = task.NextActions("s", 0, default);
        await task.Push(new TaskAction(0, "three"));
        Assert.Equal("three", Assert.Single(await waiting.WaitAsync(World.Patience)).Document);
    }

    [Fact]
    public async Task Actions_WithTwoConnections_GoToTheNewerHoweverOftenTheOlderAsks()
    {
        var task = NewTask();
        foreach (var session in new[] { "session-1", "session-2" })
        {
            await task.Push(new TaskAction(0, session));
            Assert.Equal(session, Assert.Single(await task.NextActions(session, 0, default)).Document);
        }

        using var gone = new CancellationTokenSource();
        var again = task.NextActions("session-1", 0, gone.Token);
        await task.Push(new TaskAction(0, "one"));
        Assert.Equal("one", Assert.Single(await task.NextActions("session-2", 0, default).WaitAsync(World.Patience)).Document);
        Assert.False(again.IsCompleted);
        await gone.CancelAsync();
    }

    [Fact]
    public async Task Actions_OfAnotherAttempt_AreForThatAttempt()
    {
        var task = NewTask();
        await task.Push(new TaskAction(0, "old"));
        await task.Push(new TaskAction(1, "new"));
        Assert.Equal("new", Assert.Single(await task.NextActions("second", 1, default)).Document);

        using var gone = new CancellationTokenSource();
        var former = task.NextActions("first", 0, gone.Token);
        var waiting = task.NextActions("second", 1, default);
        await task.Push(new TaskAction(0, "older"));
        await task.Push(new TaskAction(1, "newer"));
        Assert.Contains("newer", (await waiting.WaitAsync(World.Patience)).Concat(await Rest()).Select(action => action.Document));
        Assert.False(former.IsCompleted);
        await gone.CancelAsync();

        async Task<IEnumerable<TaskAction>> Rest()
        {
            await task.Push(new TaskAction(1, "last"));
            return await task.NextActions("second", 1, default);
        }
    }

    [Fact]
    public async Task Detach_EndsTheWait_AndAnotherConnectionTakesOver()
    {
        var task = NewTask();
        var waiting = task.NextActions("first", 0, default);
        await task.Detach("first");
        Assert.Empty(await waiting.WaitAsync(World.Patience));
        await task.Push(new TaskAction(0, "one"));
        Assert.Equal("one", Assert.Single(await task.NextActions("second", 0, default)).Document);
    }

    [Fact]
    public async Task Actions_NobodyAsksFor_AreBounded()
    {
        var task = NewTask();
        for (var number = 0; number < 300; number++)
        {
            await task.Push(new TaskAction(0, $"{number}"));
        }

        var kept = await task.NextActions("s", 0, default);
        Assert.Equal((256, "299"), (kept.Length, kept[^1].Document));
    }
}
