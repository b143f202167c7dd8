using System.Diagnostics;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>
/// An upgrade: every process is told to stop, ends in good order, is started again and is ready before the next one's turn, under load. Users do not notice: no submit fails, not even
/// one that nobody would try again.
/// </summary>
internal static class RollingRestart
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    public static Task<IReadOnlyCollection<string>> Run(HarnessOptions options, string logs, TextWriter output) => HarnessRun.UnderLoad(options, logs, output, Act);

    private static async Task<IReadOnlyCollection<string>> Act(HarnessRun run, Load load)
    {
        var faults = new List<string>();
        var (ends, starts) = (new List<TimeSpan>(), new List<TimeSpan>());
        await Wait();
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            foreach (var member in run.Cluster.Members)
            {
                var at = Stopwatch.GetTimestamp();
                member.Signal(Member.Terminate);
                if (await member.End() is var code and not 0)
                {
                    faults.Add($"{member.Name} ended with code {code} when it was told to stop");
                }

                ends.Add(Stopwatch.GetElapsedTime(at));
                at = Stopwatch.GetTimestamp();
                member.Start();
                await member.Ready();
                starts.Add(Stopwatch.GetElapsedTime(at));
                await run.Output.WriteLineAsync($"{member.Name}: {ends[^1].TotalSeconds:0.0} s to stop, {starts[^1].TotalSeconds:0.0} s to be ready again");
            }
        }

        await Wait();
        run.Tell("to stop", ends);
        run.Tell("to be ready again", starts);
        run.Tell("a workflow of the load, from submit to its end", load.Answered.Where(answered => answered.Ended > 0).Select(answered => Stopwatch.GetElapsedTime(answered.Submitted, answered.Ended)));
        return [.. faults, .. load.Failed.Select(reason => $"A submit failed: {reason}")];
    }

    private static async Task Wait()
    {
        using var clock = new PeriodicTimer(Calm);
        await clock.WaitForNextTickAsync();
    }
}
