using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Listener;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.BackendOperator.Tests.Listener;

/// <summary>When an informer lists, watches and waits, by a clock that the test moves; contract: backend-protocol §19.</summary>
public sealed class InformerTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _stop = new();
    private FakeKubernetes _server = null!;
    private KubernetesCluster _cluster = null!;
    private Task _informer = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _cluster = new KubernetesCluster(new ClusterAccess { Server = _server.Url }, new ApiClientOptions(), _time);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _informer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Watch_OverAPathThatDiedSilently_GoesOnWhereItWas()
    {
        await BeginAsync();
        _server.MuteWatches();
        Create("b");

        await PassAsync(90 * Second);

        Assert.Equal("b", await NextAsync());
        Assert.Equal((1, 2), (Calls("list"), Calls("watch")));
    }

    [Fact]
    public async Task Watch_ThatBreaks_GoesOnWhereItWas()
    {
        await BeginAsync();
        _server.BreakWatches();
        Create("b");

        await PassAsync(Second);

        Assert.Equal("b", await NextAsync());
        Assert.Equal((1, 2), (Calls("list"), Calls("watch")));
    }

    [Fact]
    public async Task Watch_EndedByTheServer_GoesOnAtOnce()
    {
        await BeginAsync();
        _server.Storage.EndWatches();
        Create("b");

        Assert.Equal("b", await NextAsync());
        Assert.Equal((1, 2), (Calls("list"), Calls("watch")));
    }

    [Fact]
    public async Task Watch_WhosePlaceIsForgotten_ListsAnew()
    {
        await BeginAsync();
        _server.BreakWatches();
        Create("b");
        _server.Compact();

        await PassAsync(Second);
        await PassAsync(2 * Second);

        Assert.Equal(["list", "listed a,b", "listed"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Watch_ThatIsRefused_IsTriedWithGrowingPausesAndListsAreFew(int code)
    {
        var isRefused = true;
        _server.Faults.Fail(code, times: 100, where: call => call.Verb == "watch" && Volatile.Read(ref isRefused));
        Run(Timeout.InfiniteTimeSpan);

        var watches = 0;
        foreach (var pause in (int[])[1, 2, 4, 8, 10, 10, 10, 10, 10, 10])
        {
            await _time.TimerDueAt(_time.GetUtcNow() + (pause * Second));
            watches++;
            Assert.Equal((watches > 5 ? 2 : 1, watches), (Calls("list"), Calls("watch")));
            await PassAsync(pause * Second);
        }

        // It works again: then the next trouble is the first.
        await _time.TimerDueAt(_time.GetUtcNow() + (10 * Second));
        Volatile.Write(ref isRefused, false);
        await PassAsync(10 * Second);
        Create("a");
        while (await NextAsync() != "a")
        {
        }

        _server.BreakWatches();
        Create("b");
        await PassAsync(Second);
        Assert.Equal("b", await NextAsync());
        Assert.Equal(3, Calls("list"));
    }

    [Fact]
    public async Task RetryAfter_OfAWatch_IsObeyed()
    {
        _server.Faults.Fail(429, retryAfter: 30 * Second, where: call => call.Verb == "watch");
        Run(Timeout.InfiniteTimeSpan);

        await PassAsync(30 * Second);
        Create("a");

        Assert.Equal(["list", "listed ", "listed", "a"], [await NextAsync(), await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task List_ThatFails_IsTriedWithGrowingPauses()
    {
        _server.Faults.Fail(403, times: 3, where: call => call.Verb == "list");
        Run(Timeout.InfiniteTimeSpan);

        foreach (var pause in (int[])[1, 2, 4])
        {
            Assert.Equal("list", await NextAsync());
            await PassAsync(pause * Second);
        }

        Assert.Equal(["list", "listed ", "listed"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Refresh_WhenItIsTime_ListsAnew()
    {
        await BeginAsync(TimeSpan.FromMinutes(5));

        await PassAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["list", "listed a", "listed"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    /// <summary>The informer has listed nothing and then heard of a.</summary>
    private async Task BeginAsync(TimeSpan? refreshInterval = null)
    {
        Run(refreshInterval ?? Timeout.InfiniteTimeSpan);
        Assert.Equal(["list", "listed ", "listed"], [await NextAsync(), await NextAsync(), await NextAsync()]);
        Create("a");
        Assert.Equal("a", await NextAsync());
    }

    private void Run(TimeSpan refreshInterval)
    {
        var informer = new Informer<string>(
            _cluster, ObjectKind.Pod, null, pod => pod.Metadata.Name, refreshInterval, Metrics.New(), _time, NullLogger.Instance);
        _informer = Task.Run(async () =>
        {
            await foreach (var observation in informer.ObserveAsync(_stop.Token))
            {
                _told.Writer.TryWrite(observation switch
                {
                    Observation<string>.ListStarted => "list",
                    Observation<string>.Listed { Items: var pods } => $"listed {string.Join(',', pods)}",
                    Observation<string>.ListCompleted => "listed",
                    Observation<string>.Changed { Item: var pod } => pod,
                    _ => throw new InvalidOperationException($"{observation}"),
                });
            }
        });
    }

    private ValueTask<string> NextAsync() => _told.Reader.ReadAsync(Waiting.Deadline());

    /// <summary>Lets just the time pass that somebody waits for.</summary>
    private async Task PassAsync(TimeSpan pause)
    {
        await _time.TimerDueAt(_time.GetUtcNow() + pause);
        _time.Advance(pause);
    }

    private int Calls(string verb) => _server.Calls.Count(call => call.Verb == verb);

    private void Create(string name) => _server.Writes.Create(Resource.Pods, "osmo", JsonNode.Parse(
        $$"""{"metadata": {"name": "{{name}}"}, "spec": {"containers": [{"name": "c"}]} }""")!.AsObject());
}
