using System.Diagnostics;
using Npgsql;
using Osmo.Bench.Load;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.Bench.Cluster;

/// <summary>Changes pods at a fixed rate, and sees some of the changes arrive in the database.</summary>
/// <param name="perSecond">As many changes as it makes in a second, whether or not earlier ones have arrived.</param>
internal sealed class ChangeLoad(FakeCluster cluster, NpgsqlDataSource database, int perSecond)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>From the moment a change was due until the database held it.</summary>
    public Latencies Seen { get; } = new();

    public int Count { get; private set; }

    /// <summary>Changes made per second: fewer than were asked when this machine could not make them.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Until all watched changes are seen.</summary>
    public async Task Drive(IReadOnlyList<PodChange> changes, int watchedPerSecond)
    {
        var watchedEvery = Math.Max(1, perSecond / watchedPerSecond);
        var watch = Stopwatch.StartNew();
        var statuses = new StatusWatch(database, watch, Seen);
        var watching = statuses.Run();
        using var timer = new PeriodicTimer(Tick);
        for (var done = 0; done < changes.Count;)
        {
            for (var due = Math.Min(changes.Count, (int)(watch.Elapsed.TotalSeconds * perSecond)); done < due; done++)
            {
                var change = changes[done];
                change.Make(cluster);
                if (change.Status is { } status && done % watchedEvery == 0) statuses.Add(change.Pod, status, TimeSpan.FromSeconds((double)done / perSecond));
            }
            await timer.WaitForNextTickAsync();
        }
        (Count, PerSecond) = (changes.Count, changes.Count / watch.Elapsed.TotalSeconds);
        statuses.Complete();
        await watching;
    }
}
