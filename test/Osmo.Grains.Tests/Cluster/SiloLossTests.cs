using Osmo.Grains.Tests.Faults;
using Osmo.Grains.Tests.Support;

namespace Osmo.Grains.Tests.Cluster;

/// <summary>A silo of two is killed in the middle of things: the other goes on with what is stored, and nothing is lost or doubled.</summary>
public sealed class SiloLossTests : IAsyncLifetime
{
    private const int Workflows = 12;

    /// <summary>Of the steps of <see cref="GangRun"/>.</summary>
    private const int StepsOfOne = 9;

    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.Start(silos: 2);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Workflows_WhoseSiloIsKilledMidRun_GoTheirWay()
    {
        var steps = 0;
        Task? killing = null;
        var runs = Enumerable.Range(0, Workflows).Select(async _ =>
        {
            var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.Gang);
            var types = new List<string>();
            await GangRun.Of(workflow, KillHalfWay, types);
            Assert.Equal(["CreateGroup", "RescheduleTask", "CleanupGroup"], types);
            await GangRun.CheckOutcome(workflow);
        });
        await Task.WhenAll(runs);
        Assert.NotNull(killing);
        await killing;

        Task KillHalfWay()
        {
            if (Interlocked.Increment(ref steps) == Workflows * StepsOfOne / 2)
            {
                killing = _world.Silo.KillOne();
            }

            return Task.CompletedTask;
        }
    }
}
