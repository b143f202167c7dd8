using System.Collections.Immutable;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Backends;

/// <summary>What a backend's operator says of itself and its nodes (contract: backend-protocol §4–6, §8.5).</summary>
[Collection(GrainTests.Name)]
public sealed class RegistrationTests(SharedWorld shared) : IDisposable
{
    private static readonly RegisterBackend Registration = new("uid", "pods", "1.2.3", "osmo/");

    private readonly World _world = shared.World;

    /// <summary>When something is written again is up to the test.</summary>
    private readonly IDisposable _still = shared.World.Clock.StandStill();

    public void Dispose() => _still.Dispose();

    [Fact]
    public async Task Register_AgainAndElsewhere_IsAcceptedOnlyFromTheSameCluster()
    {
        var (name, backend) = NewBackend();
        Assert.Equal(RegisterBackendResult.Accepted, await backend.Register(Registration));
        Assert.Equal(RegisterBackendResult.Accepted, await backend.Register(Registration with { Version = "1.2.4" }));
        Assert.Equal(RegisterBackendResult.OtherCluster, await backend.Register(Registration with { KubernetesUid = "other" }));

        var stored = await Stored(name);
        Assert.Equal(("1.2.4", "uid", 2), (stored.Document.Version, stored.Document.KubernetesUid, stored.Version));
        await backend.Register(Registration with { Version = "1.2.4" });
        Assert.Equal(2, (await Stored(name)).Version);
    }

    [Fact]
    public async Task Heartbeat_OfARegisteredBackend_IsStoredNowAndThen()
    {
        var (name, backend) = NewBackend();
        await backend.Heartbeat();
        await backend.Register(Registration);
        var registered = await Stored(name);
        await backend.Heartbeat();
        Assert.Equal(registered.Version, (await Stored(name)).Version);

        _world.Clock.Advance(TimeSpan.FromSeconds(20));
        await backend.Heartbeat();
        Assert.True((await Stored(name)).Document.LastHeartbeat >= registered.Document.LastHeartbeat + TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Heartbeat_AfterTheClockWasPutBack_IsStored()
    {
        var (name, backend) = NewBackend();
        await backend.Register(Registration);
        var registered = await Stored(name);
        using var corrected = new Correction(_world.Clock, TimeSpan.FromHours(-1));
        await backend.Heartbeat();

        Assert.True((await Stored(name)).Document.LastHeartbeat < registered.Document.LastHeartbeat);
    }

    [Theory]
    [InlineData(Fault.BeforeCommit)]
    [InlineData(Fault.AfterCommit)]
    [InlineData(Fault.Conflict)]
    public async Task Register_WhileStorageFails_SucceedsWhenRepeated(Fault fault)
    {
        var (name, backend) = NewBackend();
        var polls = Enumerable.Range(0, 3).Select(worker => World.Ask(cancellation => backend.NextJob($"{worker}", cancellation), ticket => ticket is not null)).ToList();
        _world.Store.Fail(fault, RowKind.Backend, name);
        Assert.Equal(RegisterBackendResult.Accepted, await World.Retry(() => backend.Register(Registration)));
        _world.Store.Fail(fault, RowKind.Backend, name);
        _world.Clock.Advance(TimeSpan.FromSeconds(20));
        await World.Retry(backend.Heartbeat);

        Assert.True(_world.Store.IsSpent);
        Assert.Equal(2, (await Stored(name)).Version);
        await backend.AddJobs([.. polls.Select((_, number) => new JobTicket($"job{number}", "workflow", $"lane{number}", number))]);
        Assert.All(await Task.WhenAll(polls).WaitAsync(World.Patience), Assert.NotNull);
    }

    [Fact]
    public async Task Remove_WhileAWorkflowRunsThere_EndsIt_AndForgetsTheBackend()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var backend = _world.Grains.GetGrain<IBackendGrain>(workflow.Backend);
        await backend.Register(Registration);
        await backend.ReportNodes([new NodeReport.All([]), new NodeReport.ResourceChanged("node", """{"available": true, "conditions": [], "allocatable_fields": {}, "label_fields": {}, "taints": []}""")]);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run();

        await workflow.Grain.RemoveBackend();
        await workflow.Archived();
        Assert.Equal((TaskGroupStatus.FailedBackendError, "Backend not found."), ((await workflow.Attempt("only")).Status, (await workflow.Attempt("only")).FailureMessage));
        Assert.Empty(await workflow.OpenJobs());

        await backend.Remove();
        Assert.Null(await _world.Store.Read(new RowKey(RowKind.Backend, workflow.Backend)));
        Assert.Empty(await _world.Store.ReadPartition(RowKind.Node, workflow.Backend));
        await backend.Heartbeat();
        Assert.Null(await _world.Store.Read(new RowKey(RowKind.Backend, workflow.Backend)));
        Assert.Equal(RegisterBackendResult.Accepted, await backend.Register(Registration with { KubernetesUid = "another cluster" }));
    }

    [Fact]
    public async Task WaitForRules_AnswersWhenTheyChange()
    {
        var name = _world.NewPool();
        var backend = _world.Grains.GetGrain<IBackendGrain>(name);
        var first = World.Ask(cancellation => backend.WaitForRules(0, cancellation), answer => answer.Version > 0);
        await backend.Register(Registration);
        var rules = await first.WaitAsync(World.Patience);
        Assert.Equal("True", rules.Rules["Ready"]);

        await _world.Configure(snapshot => snapshot with
        {
            Backends = snapshot.Backends.SetItem(name, snapshot.Backends[name] with
            {
                NodeConditions = new() { Rules = ImmutableSortedDictionary<string, string>.Empty.Add("Ready", "True").Add("Disk.*", "False") },
            }),
        });
        var changed = await World.Eventually(() => backend.WaitForRules(rules.Version, default), answer => answer.Version > rules.Version);
        Assert.Equal((rules.Version + 1, "False"), (changed.Version, changed.Rules["Disk.*"]));
    }

    [Fact]
    public async Task ReportNodes_InOrder_AreRows()
    {
        var (name, backend) = NewBackend();
        await backend.ReportNodes(
        [
            new NodeReport.UsageChanged("unknown", Usage("1")),
            new NodeReport.ResourceChanged("a", Resource("8")),
            new NodeReport.ResourceChanged("b", Resource("16")),
            new NodeReport.UsageChanged("a", Usage("2")),
            new NodeReport.Removed("b"),
            new NodeReport.ResourceChanged("c", Resource("4")),
        ]);
        var nodes = await Nodes(name);
        Assert.Equal(["a", "c"], nodes.Select(node => node.Hostname));
        Assert.Equal(("8", "2", true), (nodes[0].AllocatableFields["cpu"], nodes[0].UsageFields["cpu"], nodes[0].Available));

        await backend.ReportNodes([new NodeReport.ResourceChanged("a", Resource("7")), new NodeReport.All(["a", "z"])]);
        nodes = await Nodes(name);
        Assert.Equal(("a", "7", "2"), (Assert.Single(nodes).Hostname, nodes[0].AllocatableFields["cpu"], nodes[0].UsageFields["cpu"]));
    }

    [Theory]
    [InlineData(Fault.BeforeCommit)]
    [InlineData(Fault.AfterCommit)]
    public async Task ReportNodes_WhileStorageFails_AreStoredWhenRepeated(Fault fault)
    {
        var (name, backend) = NewBackend();
        _world.Store.Fail(fault, RowKind.Node, name);
        await World.Retry(() => backend.ReportNodes([new NodeReport.ResourceChanged("a", Resource("8"))]));
        Assert.True(_world.Store.IsSpent);
        Assert.Single(await Nodes(name));
    }

    private (string Name, IBackendGrain Backend) NewBackend()
    {
        var name = _world.NewName("backend");
        return (name, _world.Grains.GetGrain<IBackendGrain>(name));
    }

    private async Task<(BackendDocument Document, long Version)> Stored(string name)
    {
        var row = (await _world.Store.Read(new RowKey(RowKind.Backend, name)))!;
        return (DocumentRows.Parse<BackendDocument>(row), row.Version);
    }

    private async Task<IReadOnlyList<NodeDocument>> Nodes(string backend) =>
        [.. (await _world.Store.ReadPartition(RowKind.Node, backend)).Select(DocumentRows.Parse<NodeDocument>)];

    private static string Resource(string cpu) =>
        $$"""{"hostname": "x", "available": true, "conditions": ["Ready"], "allocatable_fields": {"cpu": "{{cpu}}"}, "label_fields": {}, "taints": []}""";

    private static string Usage(string cpu) => $$"""{"hostname": "x", "non_workflow_usage_fields": {}, "usage_fields": {"cpu": "{{cpu}}" } }""";
}
