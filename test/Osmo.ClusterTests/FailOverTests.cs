using System.Diagnostics;
using System.Net;
using Osmo.ClusterTests.Processes;
using Xunit.Abstractions;

namespace Osmo.ClusterTests;

/// <summary>Real processes: what users were answered comes true, whichever of them dies or leaves.</summary>
public sealed class FailOverTests(ITestOutputHelper output)
{
    private const int Tasks = 3;

    /// <summary>On a machine that is busy with other things silos must not take each other for dead; how fast they notice is measured by the harness.</summary>
    private const string Patient = "--Osmo:Cluster:MissedProbes=10";

    [ClusterFact]
    public async Task Workflows_WhileASiloIsKilledAndAGatewayRestarted_AllComplete()
    {
        await using var cluster = await Cluster.Start(new ClusterPlan(Silos: 2, Gateways: 2) { Settings = [Patient] });
        try
        {
            await KillAndRestart(cluster);
        }
        catch (Exception error)
        {
            throw cluster.Explained(error);
        }
    }

    private async Task KillAndRestart(Cluster cluster)
    {
        using var user = cluster.User();
        var ids = await Task.WhenAll(Enumerable.Range(1, 6).Select(number => user.SubmitPatiently(Specs.Chain($"chain-{number}", Tasks, seconds: 1))));
        await user.Reaches(ids[0], "RUNNING", "COMPLETED");

        cluster.Silos[0].Signal(Member.Kill);
        var killed = Stopwatch.StartNew();
        await cluster.Silos[0].End();
        var after = await user.SubmitPatiently(Specs.Chain("after-silo", Tasks));
        await user.Reaches(after, "COMPLETED");
        output.WriteLine($"A workflow submitted after the kill of a silo was complete {killed.Elapsed.TotalSeconds:0.0} s after the kill.");

        await Restart(cluster.Gateways[0]);
        cluster.Silos[0].Start();
        var last = await user.SubmitPatiently(Specs.Chain("after-gateway", Tasks));
        foreach (var id in ids.Append(after).Append(last))
        {
            await user.Reaches(id, "COMPLETED", "FAILED");
            Assert.Equal("COMPLETED", await user.Status(id));
            var log = await user.Log(id);
            Assert.All(Enumerable.Range(1, Tasks), step => Assert.Single(log, line => line.EndsWith($"[step-{step}] done step-{step}", StringComparison.Ordinal)));
        }

        await cluster.Silos[0].Ready();
        output.WriteLine($"{user.Retries} reads were tried again.");
    }

    /// <summary>Told to stop it says that it is not ready while it lives on, then ends in good order; its successor takes over.</summary>
    private static async Task Restart(Member gateway)
    {
        gateway.Signal(Member.Terminate);
        await Eventually.Holds(async () => await gateway.Health("ready") != HttpStatusCode.OK, () => "It still says that it is ready.", Member.Patience);
        Assert.Equal(0, await gateway.End());
        gateway.Start();
        await gateway.Ready();
        Assert.Equal(HttpStatusCode.OK, await gateway.Health("live"));
    }
}
