using System.Diagnostics;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>
/// Every now and then something happens to one of the processes, and it is started again, as whatever supervises it would. At the moment of each fault a workflow of one task is submitted to
/// every pool: how long until all of them are complete, against how long it takes in peace, is what the fault cost.
/// </summary>
internal static class FaultRun
{
    private const int PeacefulProbes = 5;

    private static readonly TimeSpan SupervisionPeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than a silo takes to learn that it was given up.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(10);

    /// <summary>Who gets no answer asks again, as a user or a program does: the gateway it was connected to may hang.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(3);

    public static Task<IReadOnlyCollection<string>> Run(HarnessOptions options, string logs, TextWriter output) => HarnessRun.UnderLoad(options, logs, output, Act);

    private static async Task<IReadOnlyCollection<string>> Act(HarnessRun run, Load load)
    {
        using var prober = run.Cluster.User(ProbePatience);
        using var ending = new CancellationTokenSource();
        var peace = new List<TimeSpan>();
        for (var probe = 0; probe < PeacefulProbes; probe++)
        {
            peace.Add(await Cost(run, prober, Stopwatch.GetTimestamp()));
        }

        var supervising = Supervise(run, ending.Token);
        var struck = await Strike(run, prober);
        await Recover(run);
        await ending.CancelAsync();
        await supervising;

        run.Tell("one task in every pool, from submit to COMPLETED, in peace", peace);
        run.Tell("the same, submitted at the moment of a fault", struck.Select(fault => fault.Cost));
        foreach (var kind in struck.GroupBy(fault => fault.Fault.Sort).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            run.Tell($"  {kind.Key}", kind.Select(fault => fault.Cost));
        }

        run.Tell(
            "after the end of a partition, where work waited for it",
            struck.Where(fault => fault.Fault.Kind == FaultKind.Partition && fault.Cost > fault.Fault.For).Select(fault => fault.Cost - fault.Fault.For));
        run.Tell("how long after a fault the last workflow ended of those under way in its first 15 s", struck.Select(fault => Slowest(fault.At, load)));
        return [.. struck.Where(fault => fault.Cost > run.Options.Within + fault.Fault.Patience).Select(fault => $"{fault.Fault}: {fault.Cost.TotalSeconds:0.0} s until work went on")];
    }

    private static async Task<List<Struck>> Strike(HarnessRun run, User prober)
    {
        var (started, struck) = (Stopwatch.GetTimestamp(), new List<Struck>());
        var due = TimeSpan.Zero;
        foreach (var fault in FaultScript.Of(run.Options))
        {
            due += fault.After;
            if (due > run.Options.Duration)
            {
                return struck;
            }

            if (due - Stopwatch.GetElapsedTime(started) is var pause && pause > TimeSpan.Zero)
            {
                using var clock = new PeriodicTimer(pause);
                await clock.WaitForNextTickAsync();
            }

            var member = FaultScript.Victim(fault, run.Cluster);
            if (!await member.IsReady())
            {
                await run.Output.WriteLineAsync($"{Stopwatch.GetElapsedTime(started):mm\\:ss} {fault}: is not up again, left alone");
                continue;
            }

            var at = Stopwatch.GetTimestamp();
            var striking = FaultScript.Strike(fault, run.Cluster);
            var cost = await Cost(run, prober, at);
            await striking;
            struck.Add(new Struck(fault, at, cost));
            await run.Output.WriteLineAsync($"{Stopwatch.GetElapsedTime(started):mm\\:ss} {fault}: {cost.TotalSeconds:0.0} s");
        }

        return struck;
    }

    /// <summary>Who hung last may not know yet that it was given up.</summary>
    private static async Task Recover(HarnessRun run)
    {
        using var clock = new PeriodicTimer(Afterwards);
        await clock.WaitForNextTickAsync();
        await Task.WhenAll(run.Cluster.Members.Select(member => Eventually.Holds(member.IsReady, () => $"{member.Name} is not ready:\n{member.Log}", Member.Patience)));
    }

    /// <summary>A silo that others have given up ends by itself when it learns of it.</summary>
    private static async Task Supervise(HarnessRun run, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(SupervisionPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                foreach (var member in run.Cluster.Members.Where(member => member.HasEndedByItself))
                {
                    await run.Output.WriteLineAsync($"{member.Name} ended by itself and is started again");
                    member.Start();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    private static async Task<TimeSpan> Cost(HarnessRun run, User prober, long since)
    {
        await run.Probe(prober);
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>Of the load itself, whose users wait for each answer as long as it takes.</summary>
    private static TimeSpan Slowest(long fault, Load load)
    {
        var until = fault + (long)(15.0 * Stopwatch.Frequency);
        var ends = load.Answered.Where(answered => answered.Work.Operator is not null && answered.Submitted < until && answered.Ended > fault)
            .Select(answered => Stopwatch.GetElapsedTime(Math.Max(fault, answered.Submitted), answered.Ended));
        return ends.DefaultIfEmpty().Max();
    }

    private sealed record Struck(Fault Fault, long At, TimeSpan Cost);
}
