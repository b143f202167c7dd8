using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;

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

    [Theory]
    [InlineData("rights")]
    [InlineData("admission")]
    public async Task Refusal_OfAServerThatHasJustStarted_IsWaitedFor(string trouble)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        using var cluster = Connect(new ApiClientOptions(), time);
        if (trouble == "rights")
        {
            _server.Faults.Allowed = _ => false;
        }
        else
        {
            _server.Writes.Admission = _ => new ApiException(403, "Forbidden", "pods \"p\" is forbidden: not yet ready to handle request");
        }

        var creating = cluster.CreateAsync(SomePod(), default);
        await PassAsync(time, creating, ApiClient.RepetitionsMax + 2);
        Assert.False(creating.IsCompleted);
        _server.Faults.Allowed = null;
        _server.Writes.Admission = null;
        await PassAsync(time, creating, tries: 1);

        Assert.IsType<ApiResult<KubernetesObject>.Ok>(await creating.WaitAsync(Waiting.Patience));
    }

    [Fact]
    public async Task Refusal_ThatLasts_CountsAndNamesTheRight_AndIsWaitedForOnce()
    {
        var start = new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
        var time = new ManualTime(start);
        using var cluster = Connect(new ApiClientOptions(), time);
        _server.Faults.Allowed = call => call.Verb != "create";

        var creating = cluster.CreateAsync(SomePod(), default);
        await PassAsync(time, creating, tries: 1000);
        var error = Assert.IsType<ApiResult<KubernetesObject>.Failed>(await creating).Error;

        Assert.Equal((ApiFailure.Forbidden, false), (error.Failure, error.IsTransient));
        Assert.Contains("does not let the operator create pods in the namespace osmo", error.Message, StringComparison.Ordinal);
        Assert.InRange(time.GetUtcNow() - start, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(34));
        var calls = _server.Calls.Count;
        Assert.IsType<ApiResult<KubernetesObject>.Failed>(await cluster.CreateAsync(SomePod(), default).WaitAsync(Waiting.Patience));
        Assert.Equal(calls + 1, _server.Calls.Count);

        // Who has the right by now may lose it for a while again.
        _server.Faults.Allowed = null;
        Assert.IsType<ApiResult<KubernetesObject>.Ok>(await cluster.CreateAsync(SomePod(), default).WaitAsync(Waiting.Patience));
        _server.Faults.Refuse();
        creating = cluster.CreateAsync(SomePod(), default);
        await PassAsync(time, creating, tries: 1);
        Assert.Equal(ApiFailure.AlreadyExists, Assert.IsType<ApiResult<KubernetesObject>.Failed>(await creating.WaitAsync(Waiting.Patience)).Error.Failure);
    }

    [Theory]
    [InlineData("POST", "api/v1/namespaces/osmo/pods", "create pods in the namespace osmo")]
    [InlineData("GET", "api/v1/pods?limit=5", "list pods")]
    [InlineData("GET", "api/v1/namespaces/kube-system", "get namespaces")]
    [InlineData("GET", "api/v1/namespaces/osmo/pods/p/log?container=c", "get pods/log in the namespace osmo")]
    [InlineData("DELETE", "apis/scheduling.run.ai/v2/queues/q", "delete queues.scheduling.run.ai")]
    [InlineData("GET", "apis/scheduling.run.ai/v2", "get /apis/scheduling.run.ai/v2")]
    public void Right_OfARequest_IsInTheWordsOfRbac(string method, string path, string expected) =>
        Assert.Equal(expected, ApiRight.Of(new ApiRequest(new HttpMethod(method), path)).ToString());

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
        var pod = SomePod();

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

    private KubernetesCluster Connect(ApiClientOptions options, TimeProvider? time = null) =>
        new(new ClusterAccess { Server = _server.Url }, options, time ?? TimeProvider.System);

    private static KubernetesObject SomePod() => KubernetesObject.From(JsonNode.Parse(
        """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "osmo"}, "spec": {"containers": [{"name": "c"}]}}""")!);

    /// <summary>Lets the pauses pass after which a request is made again, until it is done.</summary>
    private static async Task PassAsync(ManualTime time, Task request, int tries)
    {
        // Pauses are no longer than this; the bounds of the request itself are far away.
        var pause = TimeSpan.FromSeconds(2);
        while (tries-- > 0 && await Task.WhenAny(request, time.TimerDueWithin(pause)) != request)
        {
            time.Advance(pause);
        }
    }

    private Task<ApiResult<ObjectList>> ListAsync() => _cluster.ListAsync(ObjectKind.Pod, null, Everything, default);
}
