using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.BackendOperator.Tests.Kubernetes;

/// <summary>The client against an API server over HTTP.</summary>
public sealed class KubernetesClusterTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Everything = [];

    private FakeKubernetes _server = null!;
    private KubernetesCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _cluster = Connect(new ApiClientOptions { PageSize = 3, RetryPause = TimeSpan.FromMilliseconds(1) });
    }

    public async Task DisposeAsync()
    {
        _cluster.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task GetClusterUid_Always_IsTheUidOfKubeSystem()
    {
        var expected = _server.Storage.Find(new ObjectKey(Resource.Namespaces, null, "kube-system"))!.Uid;

        Assert.Equal(new ApiResult<string>.Ok(expected), await _cluster.GetClusterUidAsync(default));
    }

    [Fact]
    public async Task List_OfManyPages_GivesEachObjectOnceWithItsKind()
    {
        for (var i = 0; i < 8; i++)
        {
            await CreateAsync(PodDocument($"p{i}", i % 2 == 0 ? "even" : "odd"));
        }

        var all = Ok(await _cluster.ListAsync(ObjectKind.Pod, "osmo", Everything, default));
        var odd = Ok(await _cluster.ListAsync(ObjectKind.Pod, null, new Dictionary<string, string> { ["parity"] = "odd" }, default));

        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"p{i}"), all.Items.Select(item => item.Metadata.Name));
        Assert.All(all.Items, item => Assert.Equal((ObjectKind.Pod, "Pod"), (item.Kind, (string?)item.ToJson()["kind"])));
        Assert.Equal(_server.Storage.Version.ToString(), all.ResourceVersion);
        Assert.Equal(4, odd.Items.Length);
    }

    [Fact]
    public async Task List_ThatExpiresBetweenPages_EndsWithGone()
    {
        for (var i = 0; i < 4; i++)
        {
            await CreateAsync(PodDocument($"p{i}"));
        }

        await using var pages = _cluster.ListPagesAsync(ObjectKind.Pod, null, Everything, default).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());
        _server.Compact();
        Assert.True(await pages.MoveNextAsync());

        Assert.Equal(ApiFailure.Gone, Assert.IsType<ApiResult<ObjectList>.Failed>(pages.Current).Error.Failure);
        Assert.False(await pages.MoveNextAsync());
    }

    [Fact]
    public async Task Watch_FromAList_TellsEveryChangeInOrder()
    {
        var list = Ok(await _cluster.ListAsync(ObjectKind.Pod, "osmo", Everything, default));
        await using var watch = _cluster.WatchAsync(ObjectKind.Pod, "osmo", list.ResourceVersion, Waiting.Deadline()).GetAsyncEnumerator();
        await CreateAsync(PodDocument("a"));
        new FakeCluster(_server).Bind("a", "n1");
        await _cluster.DeleteAsync(new ObjectRef(ObjectKind.Pod, "osmo", "a"), DeleteOptions.Force with { Foreground = false }, default);

        Assert.Equal((ChangeType.Added, "a", null), await NextAsync(watch));
        Assert.Equal((ChangeType.Modified, "a", "n1"), await NextAsync(watch));
        Assert.Equal((ChangeType.Modified, "a", "n1"), await NextAsync(watch));
        Assert.Equal((ChangeType.Deleted, "a", "n1"), await NextAsync(watch));
    }

    [Fact]
    public async Task Watch_WhileOthersChange_GetsBookmarks()
    {
        await using var watch = _cluster.WatchAsync(ObjectKind.Node, null, _server.Storage.Version.ToString(), Waiting.Deadline()).GetAsyncEnumerator();
        await CreateAsync(PodDocument("a"));

        Assert.True(await watch.MoveNextAsync());

        Assert.Equal(new WatchEvent.Bookmark(_server.Storage.Version.ToString()), watch.Current);
    }

    [Fact]
    public async Task Watch_FromAForgottenVersion_FailsWithGone()
    {
        _server.Compact();

        Assert.Equal(ApiFailure.Gone, await FailureAsync(_cluster.WatchAsync(ObjectKind.Pod, null, "1", Waiting.Deadline())));
    }

    [Fact]
    public async Task Watch_EndedByTheServer_Ends()
    {
        await using var watch = _cluster.WatchAsync(ObjectKind.Pod, "osmo", "1", Waiting.Deadline()).GetAsyncEnumerator();
        await CreateAsync(PodDocument("a"));
        Assert.True(await watch.MoveNextAsync());

        _server.Storage.EndWatches();

        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task Watch_ThatBreaks_Fails()
    {
        await using var watch = _cluster.WatchAsync(ObjectKind.Pod, "osmo", "1", Waiting.Deadline()).GetAsyncEnumerator();
        await CreateAsync(PodDocument("a"));
        Assert.True(await watch.MoveNextAsync());

        _server.BreakWatches();
        Assert.True(await watch.MoveNextAsync());

        Assert.Equal(ApiFailure.ConnectionBroken, Assert.IsType<WatchEvent.Failed>(watch.Current).Error.Failure);
        Assert.False(await watch.MoveNextAsync());
    }

    [Theory]
    [InlineData("""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "there", "namespace": "osmo"}, "spec": {"containers": [{"name": "c"}]}}""", ApiFailure.AlreadyExists, "already exists")]
    [InlineData("""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "Bad", "namespace": "osmo"}, "spec": {"containers": [{"name": "c"}]}}""", ApiFailure.Invalid, "metadata.name")]
    [InlineData("""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "osmo"}, "spec": {"containers": [{"name": "c"}], "volumes": [{"name": "v"}, {"name": "v"}]}}""", ApiFailure.Invalid, "Duplicate value")]
    [InlineData("""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "nowhere"}, "spec": {"containers": [{"name": "c"}]}}""", ApiFailure.NotFound, "nowhere")]
    [InlineData("""{"apiVersion": "v1", "kind": "Dance", "metadata": {"name": "d", "namespace": "osmo"}}""", ApiFailure.KindNotServed, "v1 Dance")]
    [InlineData("""{"apiVersion": "dance.io/v1", "kind": "Dance", "metadata": {"name": "d", "namespace": "osmo"}}""", ApiFailure.KindNotServed, "dance.io/v1 Dance")]
    public async Task Create_ThatIsRefused_SaysWhy(string document, ApiFailure failure, string expected)
    {
        await CreateAsync(PodDocument("there"));

        var error = Failed(await _cluster.CreateAsync(KubernetesObject.From(JsonNode.Parse(document)!), default));

        Assert.Equal(failure, error.Failure);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_BeyondQuota_IsForbidden()
    {
        _server.Writes.Admission = _ => new ApiException(403, "Forbidden", "pods \"p\" is forbidden: exceeded quota: small");

        var error = Failed(await _cluster.CreateAsync(KubernetesObject.From(PodDocument("p")), default));

        Assert.Equal((ApiFailure.Forbidden, false), (error.Failure, error.IsTransient));
        Assert.Contains("exceeded quota", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfACustomKind_GoesToItsPath()
    {
        var queue = JsonNode.Parse("""{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "q"}, "spec": {"weight": 1}}""")!;

        var created = Ok(await _cluster.CreateAsync(KubernetesObject.From(queue), default));

        Assert.NotNull(created.Metadata.Uid);
        Assert.Contains(_server.Calls, call => call.ToString() == "create queues.scheduling.run.ai");
    }

    [Fact]
    public async Task Replace_OfAnOldVersion_IsAConflict()
    {
        var first = await CreateAsync(PodDocument("p"));
        var changed = first.ToJson();
        changed["metadata"]!["labels"] = new JsonObject { ["new"] = "yes" };
        Ok(await _cluster.ReplaceAsync(KubernetesObject.From(changed), default));

        Assert.Equal(ApiFailure.Conflict, Failed(await _cluster.ReplaceAsync(first, default)).Failure);
        Assert.Equal("yes", Find("p")!.Labels["new"]);
    }

    [Fact]
    public async Task Delete_OfAPodWithFinalizer_WaitsForItAndForTheKubelet()
    {
        var document = PodDocument("p");
        document["metadata"]!["finalizers"] = new JsonArray("osmo.nvidia.com/cleanup", "other");
        var pod = (await CreateAsync(document)).Ref;
        new FakeCluster(_server).Bind("p", "n1");

        Assert.Null(await _cluster.RemoveFinalizerAsync(pod, "osmo.nvidia.com/cleanup", default));
        Assert.Null(await _cluster.RemoveFinalizerAsync(pod, "osmo.nvidia.com/cleanup", default));
        Assert.Equal("other", (string?)Assert.Single(Find("p")!.ToJson()["metadata"]!["finalizers"]!.AsArray()));
        Assert.Null(await _cluster.DeleteAsync(pod, DeleteOptions.Default, default));
        Assert.Equal(30, (int)Find("p")!.ToJson()["metadata"]!["deletionGracePeriodSeconds"]!);
        Assert.Null(await _cluster.RemoveFinalizerAsync(pod, "other", default));
        Assert.NotNull(Find("p"));
        new FakeCluster(_server).EndGrace("p");
        Assert.Null(Find("p"));
        Assert.Equal(ApiFailure.NotFound, (await _cluster.DeleteAsync(pod, DeleteOptions.Default, default))!.Failure);
    }

    [Fact]
    public async Task Delete_Forced_HasNoGraceAndIsForeground()
    {
        var pod = (await CreateAsync(PodDocument("p"))).Ref;
        new FakeCluster(_server).Bind("p", "n1");
        var version = _server.Storage.Version;

        Assert.Null(await _cluster.DeleteAsync(pod, DeleteOptions.Force, default));

        Assert.Null(Find("p"));
        await using var watch = _cluster.WatchAsync(ObjectKind.Pod, "osmo", version.ToString(), Waiting.Deadline()).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var marked = Assert.IsType<WatchEvent.Changed>(watch.Current).Object.Metadata;
        Assert.Equal((0, "foregroundDeletion"), (marked.DeletionGracePeriodSeconds, marked.Finalizers.Single()));
    }

    [Fact]
    public async Task PatchNodeLabels_OfSome_LeavesTheOthers()
    {
        new FakeCluster(_server).AddNode("n1");

        Assert.Null(await _cluster.PatchNodeLabelsAsync("n1", new Dictionary<string, string> { ["osmo.verified"] = "False" }, default));

        var labels = _server.Storage.Find(new ObjectKey(Resource.Nodes, null, "n1"))!.Labels;
        Assert.Equal(("False", "n1"), (labels["osmo.verified"], labels["kubernetes.io/hostname"]));
    }

    [Fact]
    public async Task ReadLog_Tail_GivesTheLastLines()
    {
        var pod = (await CreateAsync(PodDocument("p"))).Ref;
        _server.Logs.Write("osmo", "p", "user", "one\ntwo\nthree\n");

        using var reader = new StreamReader(Ok(await _cluster.ReadLogAsync(pod, "user", 2, default)));

        Assert.Equal("two\nthree\n", await reader.ReadToEndAsync());
        Assert.Contains("is waiting to start", Failed(await _cluster.ReadLogAsync((await CreateAsync(PodDocument("q"))).Ref, "user", 2, default)).Message, StringComparison.Ordinal);
        Assert.Equal(ApiFailure.Invalid, Failed(await _cluster.ReadLogAsync(pod, "nobody", 2, default)).Failure);
        Assert.Equal(ApiFailure.NotFound, Failed(await _cluster.ReadLogAsync(new ObjectRef(ObjectKind.Pod, "osmo", "gone"), "user", 2, default)).Failure);
    }

    private static async Task<(ChangeType Type, string Name, string? Node)> NextAsync(IAsyncEnumerator<WatchEvent> watch)
    {
        do
        {
            Assert.True(await watch.MoveNextAsync());
        }
        while (watch.Current is WatchEvent.Bookmark);

        var changed = Assert.IsType<WatchEvent.Changed>(watch.Current);
        return (changed.Type, changed.Object.Metadata.Name, changed.Object.AsPod().Spec.NodeName);
    }

    private static async Task<ApiFailure> FailureAsync(IAsyncEnumerable<WatchEvent> watch)
    {
        await foreach (var change in watch)
        {
            if (change is WatchEvent.Failed failed)
            {
                return failed.Error.Failure;
            }
        }

        throw new InvalidOperationException("The watch ended without a failure.");
    }

    private static T Ok<T>(ApiResult<T> result) => Assert.IsType<ApiResult<T>.Ok>(result).Value;

    private static ApiError Failed<T>(ApiResult<T> result) => Assert.IsType<ApiResult<T>.Failed>(result).Error;

    private static JsonObject PodDocument(string name, string parity = "none") => JsonNode.Parse($$"""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{name}}", "namespace": "osmo", "labels": {"parity": "{{parity}}"} },
         "spec": {"containers": [{"name": "user"}]} }
        """)!.AsObject();

    private KubernetesCluster Connect(ApiClientOptions options) => new(new ClusterAccess { Server = _server.Url }, options, TimeProvider.System);

    private async Task<KubernetesObject> CreateAsync(JsonObject document) => Ok(await _cluster.CreateAsync(KubernetesObject.From(document), default));

    private StoredObject? Find(string pod) => _server.Storage.Find(new ObjectKey(Resource.Pods, "osmo", pod));
}
