using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Leftovers;
using Osmo.Protocol.Backend;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.BackendOperator.Tests.Leftovers;

/// <summary>Objects of groups without a pod, which only looking for them finds.</summary>
public sealed class LeftoverSearchTests : IAsyncLifetime
{
    private static readonly string Workflow = new('a', 32);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);
    private static readonly Resource Services = ResourceOf("Service");
    private static readonly Resource PodGroups = ResourceOf("PodGroup");
    private static readonly Resource ConfigMaps = ResourceOf("ConfigMap");

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ConnectionBoard _board = new();
    private readonly GroupKinds _kinds = new();
    private FakeKubernetes _server = null!;
    private KubernetesCluster _cluster = null!;
    private ScriptedControlPlane _controlPlane = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync();
        _cluster = Connect(new ApiClientOptions { PageSize = 3, RetryPause = TimeSpan.FromMilliseconds(1) });
        _controlPlane = await ScriptedControlPlane.StartAsync();
        foreach (var path in ConnectionBoard.All)
        {
            _board.Up(path);
        }
    }

    public async Task DisposeAsync()
    {
        await _controlPlane.DisposeAsync();
        _cluster.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Groups_WithObjectsButWithoutPods_AreTold()
    {
        Create(Resource.Secrets, "s1", Group(1));
        Create(Resource.Secrets, "s2", Group(1));
        Create(Services, "svc", Group(2));
        Create(PodGroups, "g", Group(3));
        Create(ConfigMaps, "c", Group(4));
        Create(Resource.Secrets, "owned", Group(5));
        Create(Resource.Pods, "p", Group(5));
        Create(Resource.Secrets, "others", "mine");
        _server.Writes.Create(Resource.Secrets, "osmo", JsonNode.Parse("""{"metadata": {"name": "nobodys"} }""")!.AsObject());
        Run();

        await AdvanceAsync();

        Assert.Equal([Group(1), Group(2), Group(3)], await ToldAsync());

        // A kind that only templates bring is looked at once a clean-up could list it.
        _kinds.Saw(new ObjectKind("v1", "ConfigMap"));
        await AdvanceAsync();

        Assert.Equal([Group(1), Group(2), Group(3), Group(4)], await ToldAsync());
    }

    [Fact]
    public async Task Secrets_AreLookedAtWithoutTheirContents()
    {
        _server.Writes.Create(Resource.Secrets, "osmo", JsonNode.Parse($$"""
            {"metadata": {"name": "s", "labels": {"osmo.workflow_uuid": "{{Workflow}}", "osmo.group_uuid": "{{Group(1)}}"} }, "data": {"token": "c2VjcmV0"} }
            """)!.AsObject());

        await foreach (var page in _cluster.ListMetadataAsync(ObjectKind.Secret, "osmo", "osmo.group_uuid", Waiting.Deadline()))
        {
            var items = Assert.IsType<Cluster.ApiResult<System.Collections.Immutable.ImmutableArray<ObjectMeta>>.Ok>(page).Value;
            Assert.Equal(("s", Workflow), (Assert.Single(items).Name, items[0].Labels["osmo.workflow_uuid"]));
        }

        var call = Assert.Single(_server.Calls);
        Assert.Equal(("list", true), (call.Verb, call.IsOfMetadata));
    }

    [Fact]
    public async Task Groups_TooManyForOneReport_AreToldInSeveral()
    {
        const int Groups = LeftoverReport.GroupsMax + 1;
        using var cluster = Connect(new ApiClientOptions());
        for (var i = 0; i < Groups; i++)
        {
            Create(Resource.Secrets, $"s{i}", Group(i));
        }

        _controlPlane.RunLeftoverSearch(cluster, _board, _kinds, _time);
        await AdvanceAsync();

        Assert.Equal(LeftoverReport.GroupsMax, (await ToldAsync()).Count);
        Assert.Single(await ToldAsync());
    }

    [Theory]
    [InlineData("Secret")]
    [InlineData("PodGroup")]
    public async Task Kind_ThatMayNotBeListed_KeepsNoOtherFromBeingTold(string kind)
    {
        Create(Services, "svc", Group(2));
        _server.Faults.Fail(403, where: call => call.Resource.Kind == kind);
        Run();

        await AdvanceAsync();

        Assert.Equal([Group(2)], await ToldAsync());
    }

    [Fact]
    public async Task Pods_ThatCannotBeListed_LeaveNothingToBeTold()
    {
        Create(Resource.Secrets, "s", Group(1));
        _server.Faults.Fail(500, ApiClient.RepetitionsMax + 1, where: call => call.Resource == Resource.Pods);
        Run();
        await AdvanceAsync();
        await AdvanceAsync();

        // The second search was the first to tell.
        Assert.Equal([Group(1)], await ToldAsync());
        Assert.False(_controlPlane.Leftovers.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status405MethodNotAllowed)]
    public async Task ControlPlane_ThatDoesNotAsk_IsLeftInPeaceUntilAConnectionIsMadeAnew(int answer)
    {
        Create(Resource.Secrets, "s", Group(1));
        _controlPlane.LeftoverAnswer = answer;
        Run();
        await AdvanceAsync();
        await ToldAsync();
        await AdvanceAsync();
        await IdleAsync();
        var calls = _server.Calls.Count;
        await AdvanceAsync();
        await IdleAsync();
        Assert.Equal(calls, _server.Calls.Count);

        _controlPlane.LeftoverAnswer = StatusCodes.Status200OK;
        _board.Up("worker");
        await AdvanceAsync();

        await ToldAsync();
    }

    [Fact]
    public async Task ControlPlane_ThatFails_IsToldTheNextTime()
    {
        Create(Resource.Secrets, "s", Group(1));
        _controlPlane.LeftoverAnswer = StatusCodes.Status503ServiceUnavailable;
        Run();
        await AdvanceAsync();
        await ToldAsync();

        _controlPlane.LeftoverAnswer = StatusCodes.Status200OK;
        await AdvanceAsync();

        Assert.Equal([Group(1)], await ToldAsync());
    }

    [Fact]
    public async Task ControlPlane_ThatIsAway_IsNotLookedForFirst()
    {
        var board = new ConnectionBoard();
        Create(Resource.Secrets, "s", Group(1));
        _controlPlane.RunLeftoverSearch(_cluster, board, _kinds, _time);
        await AdvanceAsync();
        await IdleAsync();
        Assert.Empty(_server.Calls);

        foreach (var path in ConnectionBoard.All)
        {
            board.Up(path);
        }

        await AdvanceAsync();
        await ToldAsync();
    }

    private static string Group(int number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    private static Resource ResourceOf(string kind) => Resource.Usual.Single(resource => resource.Kind == kind);

    private KubernetesCluster Connect(ApiClientOptions options) => new(new ClusterAccess { Server = _server.Url }, options, TimeProvider.System);

    private void Run() => _controlPlane.RunLeftoverSearch(_cluster, _board, _kinds, _time);

    private void Create(Resource resource, string name, string group) => _server.Writes.Create(resource, "osmo", JsonNode.Parse($$"""
        {"metadata": {"name": "{{name}}", "labels": {"osmo.workflow_uuid": "{{Workflow}}", "osmo.group_uuid": "{{group}}"} }, "spec": {"containers": [{"name": "c"}]} }
        """)!.AsObject());

    /// <summary>To the next search.</summary>
    private async Task AdvanceAsync()
    {
        await IdleAsync();
        _time.Advance(Period);
    }

    /// <summary>No search is going on.</summary>
    private Task IdleAsync() => _time.TimerDueWithin(Period);

    private async Task<List<string>> ToldAsync() =>
        [.. (await _controlPlane.Leftovers.Reader.ReadAsync(Waiting.Deadline())).Groups.Select(group => group.GroupUuid).Order()];
}
