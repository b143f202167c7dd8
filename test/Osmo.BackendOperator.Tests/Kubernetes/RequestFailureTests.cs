using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.Testing.Kubernetes;

namespace Osmo.BackendOperator.Tests.Kubernetes;

/// <summary>Which requests are made again, how often, and when.</summary>
public sealed class RequestFailureTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Everything = [];

    private FakeKubernetes _server = null!;
    private KubernetesCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _cluster = Connect(new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1) });
        Assert.IsType<ApiResult<ObjectList>.Ok>(await ListAsync());
    }

    public async Task DisposeAsync()
    {
        _cluster.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Request_FailsForAWhile_IsMadeAgain(int code)
    {
        _server.Faults.Fail(code, times: ApiClient.RepetitionsMax);

        Assert.IsType<ApiResult<ObjectList>.Ok>(await ListAsync());
    }

    [Fact]
    public async Task Request_FailsForTooLong_IsGivenUpWithTheServersWords()
    {
        _server.Faults.Fail(503, times: ApiClient.RepetitionsMax + 1);

        var error = Assert.IsType<ApiResult<ObjectList>.Failed>(await ListAsync()).Error;

        Assert.Equal((ApiFailure.ServerError, "scripted 503", true), (error.Failure, error.Message, error.IsTransient));
    }

    [Theory]
    [InlineData(403, ApiFailure.Forbidden)]
    [InlineData(401, ApiFailure.Forbidden)]
    [InlineData(400, ApiFailure.Invalid)]
    [InlineData(410, ApiFailure.Gone)]
    public async Task Request_ThatIsRefused_IsNotMadeAgain(int code, ApiFailure failure)
    {
        _server.Faults.Fail(code);

        Assert.Equal(failure, Assert.IsType<ApiResult<ObjectList>.Failed>(await ListAsync()).Error.Failure);
    }

    [Fact]
    public async Task RetryAfter_IsObeyed()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        using var cluster = new KubernetesCluster(new ClusterAccess { Server = _server.Url }, new ApiClientOptions(), time);
        Assert.IsType<ApiResult<ObjectList>.Ok>(await cluster.ListAsync(ObjectKind.Pod, null, Everything, default));
        _server.Faults.Fail(429, retryAfter: TimeSpan.FromSeconds(7));

        var listing = cluster.ListAsync(ObjectKind.Pod, null, Everything, default);
        // The pause begins once the refusal has come: the bounds of the request itself are far away.
        await time.TimerDueWithin(TimeSpan.FromSeconds(7));
        Assert.False(listing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(7));

        Assert.IsType<ApiResult<ObjectList>.Ok>(await listing.WaitAsync(Waiting.Patience));
    }

    [Fact]
    public async Task Create_WhoseAnswerIsLost_IsNotMadeAgain()
    {
        _server.Faults.BreakAfter(where: call => call.Verb == "create");
        var pod = KubernetesObject.From(JsonNode.Parse(
            """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "osmo"}, "spec": {"containers": [{"name": "c"}]}}""")!);

        var lost = Assert.IsType<ApiResult<KubernetesObject>.Failed>(await _cluster.CreateAsync(pod, default)).Error;

        Assert.Equal((ApiFailure.ConnectionBroken, true), (lost.Failure, lost.IsTransient));
        Assert.Single(_server.Calls, call => call.Verb == "create");
        Assert.Equal(ApiFailure.AlreadyExists, Assert.IsType<ApiResult<KubernetesObject>.Failed>(await _cluster.CreateAsync(pod, default)).Error.Failure);
    }

    [Fact]
    public async Task Server_ThatIsAway_IsUnreachableAndFoundAgain()
    {
        var away = new ClusterAccess { Server = new Uri("http://127.0.0.1:1") };
        using var cluster = new KubernetesCluster(away, new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        var error = Assert.IsType<ApiResult<string>.Failed>(await cluster.GetClusterUidAsync(default)).Error;
        Assert.Equal(ApiFailure.Unreachable, error.Failure);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);

        _server.Faults.IsDown = true;
        Assert.Equal(ApiFailure.ConnectionBroken, Assert.IsType<ApiResult<ObjectList>.Failed>(await ListAsync()).Error.Failure);
        _server.Faults.IsDown = false;
        Assert.IsType<ApiResult<ObjectList>.Ok>(await ListAsync());
    }

    [Fact]
    public async Task Server_ThatTakesConnectionsButDoesNotTalk_CannotBeReached()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var access = new ClusterAccess { Server = new Uri($"https://{silent.LocalEndpoint}") };
        using var cluster = new KubernetesCluster(
            access,
            new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1), ConnectTimeout = TimeSpan.FromMilliseconds(20) },
            TimeProvider.System);

        var error = Assert.IsType<ApiResult<string>.Failed>(await cluster.GetClusterUidAsync(default).WaitAsync(Waiting.Patience)).Error;

        Assert.Equal(ApiFailure.Unreachable, error.Failure);
        Assert.Contains($"https://{silent.LocalEndpoint}/ cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rate_BeyondTheBurst_IsBounded()
    {
        using var cluster = Connect(new ApiClientOptions { RequestsPerSecond = 20, Burst = 2 });
        var started = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 7; i++)
        {
            Assert.IsType<ApiResult<ObjectList>.Ok>(await cluster.ListAsync(ObjectKind.Pod, null, Everything, default));
        }

        // Eight requests with the discovery, two of them at once, the others two in each tenth of a second.
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMilliseconds(150));
    }

    private KubernetesCluster Connect(ApiClientOptions options) => new(new ClusterAccess { Server = _server.Url }, options, TimeProvider.System);

    private Task<ApiResult<ObjectList>> ListAsync() => _cluster.ListAsync(ObjectKind.Pod, null, Everything, default);
}
