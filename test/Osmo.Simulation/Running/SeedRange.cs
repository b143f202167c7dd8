using System.Diagnostics;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Storage;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Running;

/// <summary>The outcome of many seeds.</summary>
internal sealed record RangeResult(int Seeds, long Lives, long Crashes, long Steps, TimeSpan VirtualTime, TimeSpan Elapsed, IReadOnlyList<RunResult> Failures);

/// <summary>Runs seeds one after the other on some threads, each with a world of its own.</summary>
internal sealed class SeedRange(int first, int count, FaultSet faults, Func<Seams>? seams = null)
{
    /// <summary>More failures than these say nothing new.</summary>
    public const int ManyFailures = 20;

    private const int ProgressSeeds = 500;

    /// <summary>No seed is begun after so many have failed.</summary>
    public int FailuresMax { get; init; } = ManyFailures;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told of the seeds and lives so far, every <see cref="ProgressSeeds"/> seeds.</summary>
    public Action<int, long>? OnProgress { get; init; }

    public RangeResult Run()
    {
        var watch = Stopwatch.StartNew();
        var (next, gate, failures) = (first - 1, new Lock(), new List<RunResult>());
        var (seeds, lives, crashes, steps, time) = (0, 0L, 0L, 0L, TimeSpan.Zero);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return new RangeResult(seeds, lives, crashes, steps, time, watch.Elapsed, failures);

        void Work()
        {
            using var disk = new Disk();
            while (Interlocked.Increment(ref next) is var seed && seed < first + count)
            {
                lock (gate) if (failures.Count >= FailuresMax) return;
                var result = RunOne(seed, faults, disk, seams?.Invoke());
                lock (gate)
                {
                    seeds++;
                    (lives, crashes, steps, time) = (lives + result.Lives, crashes + result.Crashes, steps + result.Steps, time + result.VirtualTime);
                    if (result.Violations.Count > 0) failures.Add(result);
                    if (seeds % ProgressSeeds == 0) OnProgress?.Invoke(seeds, lives);
                }
            }
        }
    }

    /// <summary>A world that comes to no end is a failure of its seed.</summary>
    public static RunResult RunOne(int seed, FaultSet faults, Disk disk, Seams? seams = null)
    {
        using var world = new SimulatedWorld(seed, faults, disk, seams);
        try
        {
            return world.Run();
        }
        catch (Embedded.Simulation.SimulationException e)
        {
            return new RunResult(seed, 0, 0, world.Scheduler.Steps, TimeSpan.Zero, world.Scheduler.TraceHash, [new Invariants.Violation("simulation", e.Message)]);
        }
    }
}
