using Osmo.BackendOperator.Listener;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests.Listener;

public sealed class OutgoingQueueTests
{
    [Fact]
    public async Task Enqueue_LatestOfTheSame_TakesItsPlace()
    {
        using var queue = new OutgoingQueue();
        await queue.EnqueueAsync(Message("1"), "node", default);
        await queue.EnqueueAsync(Message("2"), null, default);
        await queue.EnqueueAsync(Message("3"), "node", default);
        await queue.EnqueueAsync(Message("2"), null, default);

        Assert.Equal(["3", "2", "2"], [await NextAsync(queue), await NextAsync(queue), await NextAsync(queue)]);
        await queue.EnqueueAsync(Message("4"), "node", default);
        Assert.Equal("4", await NextAsync(queue));
    }

    [Fact]
    public async Task Enqueue_IntoFullQueue_WaitsForRoom()
    {
        using var queue = new OutgoingQueue();
        await queue.EnqueueAsync(Message("first"), "node", default);
        for (var i = 1; i < OutgoingQueue.Capacity; i++)
        {
            await queue.EnqueueAsync(Message("more"), null, default);
        }

        var late = queue.EnqueueAsync(Message("late"), null, default);
        await queue.EnqueueAsync(Message("newest"), "node", default); // needs no room
        Assert.False(late.IsCompleted);
        Assert.Equal("newest", await NextAsync(queue));
        await late.WaitAsync(Waiting.Deadline());
    }

    [Fact]
    public void IsNews_SameWithinItsTime_IsNot()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var reports = new RecentReports<string>(TimeSpan.FromMinutes(15), time);

        Assert.True(reports.IsNews("a", "1"));
        Assert.False(reports.IsNews("a", "1"));
        Assert.True(reports.IsNews("a", "2"));
        Assert.True(reports.IsNews("b", "2"));
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.True(reports.IsNews("a", "2"));
        for (var i = 0; i < RecentReports<string>.Capacity; i++)
        {
            Assert.True(reports.IsNews($"other {i}"));
        }

        Assert.True(reports.IsNews("a", "2"));
    }

    private static BackendMessage.DeleteResource Message(string text) => new(text);

    private static async Task<string> NextAsync(OutgoingQueue queue) =>
        ((BackendMessage.DeleteResource)await queue.DequeueAsync(Waiting.Deadline())).ResourceName;
}
