using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Configuration that changes while workflows are on their way.</summary>
[Collection(GrainTests.Name)]
public sealed class ConfigurationChangeTests(SharedWorld shared)
{
    private const string ConfigMap = """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "extra"}}""";

    private readonly World _world = shared.World;

    [Fact]
    public async Task CleanupGroup_RemovesWhatTheGroupWasCreatedWith_WhateverIsConfiguredNow()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await Configure(SchedulerType.Kai, ["extra"]);
        await workflow.Operator().Next("CreateGroup");
        await Configure(SchedulerType.Default, []);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Cancel();

        var cleanup = await workflow.Operator().Next("CleanupGroup");
        Assert.Equal(
            ["Secret", "Service", "Pod", "PodGroup", "ConfigMap"],
            cleanup.Document["cleanup_specs"]!.AsArray().Select(spec => spec!["generic_api"]!["kind"]!.GetValue<string>()));

        Task Configure(SchedulerType scheduler, ImmutableArray<string> templates) => _world.Configure(snapshot => snapshot with
        {
            GroupTemplates = snapshot.GroupTemplates.SetItem("extra", JsonElement.Parse(ConfigMap)),
            Backends = snapshot.Backends.SetItem(workflow.Backend, new BackendConfig { SchedulerSettings = new SchedulerSettings { SchedulerType = scheduler } }),
            Pools = snapshot.Pools.SetItem(workflow.Backend, snapshot.Pools[workflow.Backend] with { CommonGroupTemplates = templates }),
        });
    }

    [Fact]
    public async Task CreateGroup_InAPoolThatIsGone_FailsWithTheReason()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        PoolConfig? removed = null;
        await _world.Configure(snapshot =>
        {
            removed = snapshot.Pools[workflow.Backend];
            return snapshot with { Pools = snapshot.Pools.Remove(workflow.Backend) };
        });

        await workflow.Operator().Do("CleanupGroup");
        Assert.Equal(TaskGroupStatus.FailedServerError, await workflow.GroupStatus("only-group"));
        Assert.Equal($"CreateGroup job failed: Pool {workflow.Backend} not found.", (await workflow.Group("only-group")).FailureMessage);
        await workflow.Archived();
        await _world.Configure(snapshot => snapshot with { Pools = snapshot.Pools.Add(workflow.Backend, removed!) });
    }
}
