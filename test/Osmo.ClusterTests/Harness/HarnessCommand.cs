using System.Diagnostics;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>
/// A cluster under load; every now and then something happens to one of its processes, and it is started again, as whatever supervises it would. After each fault a workflow of one task
/// is submitted: how long it takes to its end, against how long it takes in peace, is what the fault cost. At the end everything that was answered must have come true.
/// </summary>
internal static class HarnessCommand
{
    private const int PeacefulProbes = 5;

    private static readonly TimeSpan SupervisionPeriod = TimeSpan.FromMilliseconds(500);

    /// <returns>0 when everything holds.</returns>
    public static async Task<int> Run(HarnessOptions options, TextWriter output)
    {
        await output.WriteLineAsync($"{options.Silos} silos, {options.Gateways} gateways, seed {options.Seed}, {options.Duration.TotalMinutes:0.#} minutes");
        await using var cluster = await Cluster.Start(options.Silos, options.Gateways);
        using var user = cluster.User();
        using var load = new Load(options, user);
        using var stopping = new CancellationTokenSource();

        var peace = new List<TimeSpan>();
        for (var probe = 0; probe < PeacefulProbes; probe++)
        {
            peace.Add(await Probe(user, Stopwatch.GetTimestamp()));
        }

        var working = load.Run(stopping.Token);
        var supervising = Supervise(cluster, output, stopping.Token);
        var faults = await Strike(options, cluster, user, output);
        await stopping.CancelAsync();
        await supervising;
        await Task.WhenAll(cluster.Silos.Concat(cluster.Gateways).Select(member => member.Ready()));
        await working;

        Tell(output, "one task, from its submit to COMPLETED, in peace", peace);
        Tell(output, "the same, submitted at the moment of a fault", faults);
        return await Judge(load, user, output) ? 0 : 1;
    }

    private static async Task<List<TimeSpan>> Strike(HarnessOptions options, Cluster cluster, User user, TextWriter output)
    {
        var started = Stopwatch.GetTimestamp();
        var costs = new List<TimeSpan>();
        foreach (var fault in FaultScript.Of(options))
        {
            if (Stopwatch.GetElapsedTime(started) + fault.After > options.Duration)
            {
                return costs;
            }

            using (var pause = new PeriodicTimer(fault.After))
            {
                await pause.WaitForNextTickAsync();
            }

            var member = (fault.OfSilo ? cluster.Silos : cluster.Gateways)[fault.Index];
            if (await member.Health("ready") != System.Net.HttpStatusCode.OK)
            {
                await output.WriteLineAsync($"{Stopwatch.GetElapsedTime(started):mm\\:ss} {fault}: is not up again, left alone");
                continue;
            }

            var struck = Stopwatch.GetTimestamp();
            var striking = FaultScript.Strike(fault, cluster);
            var cost = await Probe(user, struck);
            await striking;
            costs.Add(cost);
            await output.WriteLineAsync($"{Stopwatch.GetElapsedTime(started):mm\\:ss} {fault}: {cost.TotalSeconds:0.0} s");
        }

        return costs;
    }

    /// <summary>A silo that others have given up ends by itself when it learns of it.</summary>
    private static async Task Supervise(Cluster cluster, TextWriter output, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(SupervisionPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                foreach (var member in cluster.Silos.Concat(cluster.Gateways).Where(member => member.HasEndedByItself))
                {
                    await output.WriteLineAsync($"{member.Name} ended by itself and is started again");
                    member.Start();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end of the run.
        }
    }

    private static async Task<TimeSpan> Probe(User user, long since)
    {
        var id = await user.SubmitPatiently(Specs.Chain("probe", 1));
        await user.Reaches(id, "COMPLETED");
        return Stopwatch.GetElapsedTime(since);
    }

    private static void Tell(TextWriter output, string what, List<TimeSpan> times)
    {
        var seconds = times.Select(time => time.TotalSeconds).Order().ToList();
        output.WriteLine(seconds.Count == 0
            ? $"{what}: none"
            : $"{what}: {seconds.Count} times, min {seconds[0]:0.0}, median {seconds[seconds.Count / 2]:0.0}, p90 {seconds[(int)(seconds.Count * 0.9)]:0.0}, max {seconds[^1]:0.0} s");
    }

    private static async Task<bool> Judge(Load load, User user, TextWriter output)
    {
        var faults = new List<string>();
        foreach (var (id, work) in load.Answered)
        {
            if (await work.Fault(user, id) is { } fault)
            {
                faults.Add(fault);
            }
        }

        await output.WriteLineAsync($"{load.Answered.Count} submits answered, {load.Unanswered.Count} not; {user.Retries} reads tried again; {faults.Count} violations");
        foreach (var reason in load.Unanswered.GroupBy(reason => reason))
        {
            await output.WriteLineAsync($"  not answered {reason.Count()} times: {reason.Key}");
        }

        foreach (var fault in faults)
        {
            await output.WriteLineAsync($"  {fault}");
        }

        return faults.Count == 0;
    }
}
