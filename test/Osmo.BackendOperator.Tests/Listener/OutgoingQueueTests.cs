using System.Collections.Immutable;
using Osmo.BackendOperator.Listener;
using Osmo.Protocol.Backend;
using Osmo.Testing;

namespace Osmo.BackendOperator.Tests.Listener;

public sealed class OutgoingQueueTests
{
    private static readonly ImmutableDictionary<string, string> Nothing = ImmutableDictionary<string, string>.Empty;

    /// <summary>What is enqueued, and what is left of it: a letter for the kind, the node, and for usage its value.</summary>
    [Theory]
    [InlineData("u:n:1 h u:n:2 h", "u:n:1 h u:n:2 h", "node_hash is about every node")]
    [InlineData("u:n:1 r:m u:n:2 d:m", "u:n:2 r:m d:m", "of another node")]
    [InlineData("r:n u:n:1 u:m:1 u:n:2", "r:n u:n:2 u:m:1", "takes its place")]
    [InlineData("u:n:1 d:n r:n u:n:2", "u:n:1 d:n r:n u:n:2", "a node that comes back")]
    [InlineData("u:n:1 d:n r:n u:n:2 u:n:3", "u:n:1 d:n r:n u:n:3", "and its usage after that")]
    public async Task Enqueue_LatestOfTheSame_TakesItsPlaceButOvertakesNothing(string given, string expected, string because)
    {
        using var queue = new OutgoingQueue();
        foreach (var message in given.Split(' '))
        {
            await queue.EnqueueAsync(Message(message), default);
        }

        var left = new List<string>();
        while (queue.TryDequeue(out var message))
        {
            left.Add(Text(message));
        }

        Assert.True(expected == string.Join(' ', left), $"{string.Join(' ', left)}: {because}");
        await queue.EnqueueAsync(Message("u:n:4"), default);
        Assert.Equal("u:n:4", Text(await queue.DequeueAsync(Waiting.Deadline())));
    }

    [Fact]
    public async Task Enqueue_IntoFullQueue_WaitsForRoom()
    {
        using var queue = new OutgoingQueue();
        await queue.EnqueueAsync(Message("u:n:1"), default);
        for (var i = 1; i < OutgoingQueue.Capacity; i++)
        {
            await queue.EnqueueAsync(Message("r:m"), default);
        }

        var late = queue.EnqueueAsync(Message("r:m"), default);
        await queue.EnqueueAsync(Message("u:n:2"), default); // needs no room
        Assert.True(queue.TryEnqueue(Message("u:n:3")));
        Assert.False(queue.TryEnqueue(Message("r:m")));
        Assert.False(late.IsCompleted);
        Assert.Equal("u:n:3", Text(await queue.DequeueAsync(Waiting.Deadline())));
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

    private static BackendMessage Message(string text) => text.Split(':') switch
    {
        ["r", var node] => new BackendMessage.Resource(node, true, [], Nothing, Nothing, Nothing, []),
        ["u", var node, var cpu] => new BackendMessage.ResourceUsage(node, Nothing.Add("cpu", cpu), Nothing),
        ["d", var node] => new BackendMessage.DeleteResource(node),
        ["h"] => new BackendMessage.NodeHash([]),
        _ => throw new ArgumentException(text),
    };

    private static string Text(BackendMessage message) => message switch
    {
        BackendMessage.Resource { Hostname: var node } => $"r:{node}",
        BackendMessage.ResourceUsage { Hostname: var node, UsageFields: var usage } => $"u:{node}:{usage["cpu"]}",
        BackendMessage.DeleteResource { ResourceName: var node } => $"d:{node}",
        _ => "h",
    };
}
