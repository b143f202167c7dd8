using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator.Tests.Local;

/// <summary>The API semantics of the local cluster; its node agent is off, so no pod runs.</summary>
public sealed class ObjectStoreTests
{
    private const string Map = """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "osmo"}}""";

    private const string Secret = """{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "osmo", "finalizers": []}}""";

    private static readonly Dictionary<string, string> Everything = [];

    [Fact]
    public async Task Create_SameNameTwice_AlreadyExists()
    {
        await using var machine = LocalMachine.ApiOnly();
        var created = await machine.CreateAsync(Pods.Running("p", "true"));

        var again = await machine.Cluster.CreateAsync(KubernetesObject.From(Pods.Running("p", "true")), default);

        Assert.Equal(ApiFailure.AlreadyExists, Assert.IsType<ApiResult<KubernetesObject>.Failed>(again).Error.Failure);
        Assert.NotNull(created.Metadata.Uid);
        Assert.Equal(PodPhase.Pending, created.AsPod().Status.Phase);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("Upper")]
    [InlineData(".")]
    [InlineData("-a")]
    public async Task Create_BadName_IsInvalid(string name)
    {
        await using var machine = LocalMachine.ApiOnly();

        var result = await machine.Cluster.CreateAsync(KubernetesObject.From(Pods.Running(name, "true")), default);

        var error = Assert.IsType<ApiResult<KubernetesObject>.Failed>(result).Error;
        Assert.Equal(ApiFailure.Invalid, error.Failure);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ByLabels_SelectsThoseThatHaveAll()
    {
        await using var machine = LocalMachine.ApiOnly();
        foreach (var (name, a, b) in new[] { ("x", "1", "1"), ("y", "1", "2"), ("z", "2", "1") })
        {
            var document = Pods.Running(name, "true");
            document["metadata"]!["labels"] = new JsonObject { ["a"] = a, ["b"] = b };
            await machine.CreateAsync(document);
        }

        var listed = await machine.Cluster.ListAsync(ObjectKind.Pod, "osmo", new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, default);

        Assert.Equal("y", Assert.Single(Assert.IsType<ApiResult<ObjectList>.Ok>(listed).Value.Items).Metadata.Name);
        Assert.Empty(machine.Cluster.Store.List(ObjectKind.Pod, "elsewhere", Everything).Items);
    }

    [Fact]
    public async Task Delete_WithFinalizer_WaitsForItsRemoval()
    {
        await using var machine = LocalMachine.ApiOnly();
        var document = JsonNode.Parse(Secret)!;
        document["metadata"]!["finalizers"] = new JsonArray("keep");
        var created = await machine.CreateAsync(document);

        Assert.Null(await machine.Cluster.DeleteAsync(created.Ref, DeleteOptions.Default, default));
        Assert.NotNull(machine.Cluster.Store.Find(created.Ref)!.Metadata.DeletionTimestamp);
        Assert.Null(await machine.Cluster.RemoveFinalizerAsync(created.Ref, "other", default));
        Assert.NotNull(machine.Cluster.Store.Find(created.Ref));
        Assert.Null(await machine.Cluster.RemoveFinalizerAsync(created.Ref, "keep", default));
        Assert.Null(machine.Cluster.Store.Find(created.Ref));
        Assert.Equal(ApiFailure.NotFound, (await machine.Cluster.DeleteAsync(created.Ref, DeleteOptions.Default, default))!.Failure);
    }

    [Fact]
    public async Task Delete_Pod_WaitsForTheEndOfItsProcesses()
    {
        await using var machine = LocalMachine.ApiOnly();
        var pod = await machine.CreateAsync(Pods.Running("p", "true"));

        await machine.Cluster.DeleteAsync(pod.Ref, DeleteOptions.Force, default);
        Assert.Equal(0, machine.Cluster.Store.Find(pod.Ref)!.Metadata.DeletionGracePeriodSeconds);
        machine.Cluster.Store.Release(pod.Ref, "another-uid");
        Assert.NotNull(machine.Cluster.Store.Find(pod.Ref));
        machine.Cluster.Store.Release(pod.Ref, pod.Metadata.Uid!);
        Assert.Null(machine.Cluster.Store.Find(pod.Ref));
    }

    [Fact]
    public async Task Replace_OldVersion_IsAConflict()
    {
        await using var machine = LocalMachine.ApiOnly();
        var first = await machine.CreateAsync(Map);

        Assert.IsType<ApiResult<KubernetesObject>.Ok>(await machine.Cluster.ReplaceAsync(first, default));
        var stale = Assert.IsType<ApiResult<KubernetesObject>.Failed>(await machine.Cluster.ReplaceAsync(first, default));

        Assert.Equal(ApiFailure.Conflict, stale.Error.Failure);
    }

    [Fact]
    public async Task Watch_FromListedVersion_SeesEveryLaterChangeInOrder()
    {
        await using var machine = LocalMachine.ApiOnly();
        var pod = await machine.CreateAsync(Pods.Running("p", "true"));
        var listed = machine.Cluster.Store.List(ObjectKind.Pod, "osmo", Everything);
        await machine.CreateAsync(Secret);
        await machine.CreateAsync(Pods.Running("q", "true"));
        await machine.Cluster.DeleteAsync(pod.Ref, DeleteOptions.Force, default);
        machine.Cluster.Store.Release(pod.Ref, pod.Metadata.Uid!);

        var seen = new List<string>();
        await foreach (var change in machine.Cluster.WatchAsync(ObjectKind.Pod, "osmo", listed.ResourceVersion, Waiting.Deadline()))
        {
            var changed = Assert.IsType<WatchEvent.Changed>(change);
            seen.Add($"{changed.Type} {changed.Object.Metadata.Name}");
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["Added q", "Modified p", "Deleted p"], seen);
    }

    [Fact]
    public async Task Watch_FromForgottenVersion_IsGone()
    {
        await using var machine = LocalMachine.ApiOnly();
        var map = await machine.CreateAsync(Map);
        var listed = machine.Cluster.Store.List(ObjectKind.ConfigMap, null, Everything);
        for (var i = 0; i <= ChangeLog.ChangesKept; i++)
        {
            machine.Cluster.Store.Update(map.Ref, document => document["data"] = new JsonObject());
        }

        var seen = new List<WatchEvent>();
        await foreach (var change in machine.Cluster.WatchAsync(ObjectKind.ConfigMap, null, listed.ResourceVersion, Waiting.Deadline()))
        {
            seen.Add(change);
        }

        Assert.Equal(ApiFailure.Gone, Assert.IsType<WatchEvent.Failed>(Assert.Single(seen)).Error.Failure);
    }

    [Fact]
    public async Task Objects_AfterAKill_AreThereAgain()
    {
        await using var machine = LocalMachine.ApiOnly();
        var kept = await machine.CreateAsync(Pods.Running("kept", "true"));
        var deleted = await machine.CreateAsync(Secret);
        var queue = await machine.CreateAsync("""{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "q"}}""");
        await machine.Cluster.DeleteAsync(deleted.Ref, DeleteOptions.Default, default);
        var uid = await machine.Cluster.GetClusterUidAsync(default);

        await machine.KillAsync();
        machine.StartAgain();

        Assert.Equal(kept.Metadata.Uid, machine.Cluster.Store.Find(kept.Ref)!.Metadata.Uid);
        Assert.NotNull(machine.Cluster.Store.Find(queue.Ref));
        Assert.Null(machine.Cluster.Store.Find(deleted.Ref));
        Assert.Equal(uid, await machine.Cluster.GetClusterUidAsync(default));
    }
}
