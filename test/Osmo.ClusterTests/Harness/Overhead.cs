using System.Diagnostics;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>What distribution costs: the same load on one silo, and on as many as asked for; processor time of silos and gateways for each workflow.</summary>
internal static class Overhead
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyCollection<string>> Run(HarnessOptions options, string logs, TextWriter output)
    {
        var costs = new List<double>();
        var found = new List<string>();
        foreach (var silos in new[] { 1, options.Silos })
        {
            found.AddRange(await HarnessRun.UnderLoad(options with { Silos = silos }, logs, output, async (run, load) =>
            {
                costs.Add(await Measure(run, load));
                return [];
            }));
        }

        await output.WriteLineAsync($"{options.Silos} silos cost {costs[1] / costs[0]:0.00} times as much as one");
        return found;
    }

    private static async Task<double> Measure(HarnessRun run, Load load)
    {
        await Wait(WarmUp);
        var (before, at, ended) = (Processors(run.Cluster), Stopwatch.GetTimestamp(), Ended(load));
        await Wait(run.Options.Duration);
        var (after, elapsed, workflows) = (Processors(run.Cluster), Stopwatch.GetElapsedTime(at), Ended(load) - ended);
        var each = (after.Silos + after.Gateways - before.Silos - before.Gateways).TotalMilliseconds / workflows;
        await run.Output.WriteLineAsync(
            $"{run.Options.Silos} silos: {workflows} workflows in {elapsed.TotalSeconds:0} s; processor time of silos {(after.Silos - before.Silos).TotalSeconds:0.0} s, of gateways "
            + $"{(after.Gateways - before.Gateways).TotalSeconds:0.0} s: {each:0.0} ms for each workflow");
        return each;
    }

    private static int Ended(Load load) => load.Answered.Count(answered => answered.Ended > 0);

    private static (TimeSpan Silos, TimeSpan Gateways) Processors(Cluster cluster) => (Sum(cluster.Silos), Sum(cluster.Gateways));

    private static TimeSpan Sum(IEnumerable<Member> members) => members.Aggregate(TimeSpan.Zero, (sum, member) => sum + member.ProcessorTime);

    private static async Task Wait(TimeSpan time)
    {
        using var clock = new PeriodicTimer(time);
        await clock.WaitForNextTickAsync();
    }
}
