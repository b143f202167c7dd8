using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Osmo.Bench.Load;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Bench.Cluster;

/// <summary>
/// Sees when rows of tasks say what they should. It asks for all that are watched at once, at a fixed pace: what it costs the database does not
/// grow with how late the rows are, or it would make them later.
/// </summary>
internal sealed class StatusWatch(NpgsqlDataSource database, Stopwatch watch, Latencies latencies)
{
    private const string Question =
        "SELECT w.n, t.status FROM unnest($1, $2) WITH ORDINALITY w(partition, id, n) JOIN task t ON t.partition = w.partition AND t.id = w.id";

    /// <summary>Also how exact the times are.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<Watched> _new = new();
    private volatile bool _isComplete;

    /// <summary>Until the row has this status, or the task has ended since; counted from when it was due.</summary>
    public void Add(BenchedPod pod, TaskGroupStatus status, TimeSpan dueAt) => _new.Enqueue(new Watched(pod, status.ToString(), dueAt));

    /// <summary>No more are added.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>Until all that were added are seen.</summary>
    public async Task Run()
    {
        var open = new List<Watched>();
        using var timer = new PeriodicTimer(Pace);
        while (!_isComplete || !_new.IsEmpty || open.Count > 0)
        {
            await timer.WaitForNextTickAsync();
            while (_new.TryDequeue(out var added)) open.Add(added);
            if (open.Count == 0) continue;
            var seen = await Seen(open);
            foreach (var watched in seen) latencies.Add(watch.Elapsed - watched.DueAt);
            open.RemoveAll(seen.Contains);
            if (open.Find(watched => watch.Elapsed - watched.DueAt > Limit) is { } late)
            {
                throw new TimeoutException($"{late.Pod} was not {late.Status} within {Limit.TotalSeconds} s.");
            }
        }
    }

    private async Task<HashSet<Watched>> Seen(List<Watched> open)
    {
        await using var command = database.CreateCommand(Question);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. open.Select(watched => watched.Pod.Row.Partition)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. open.Select(watched => watched.Pod.Row.Id)] });
        await using var rows = await command.ExecuteReaderAsync();
        var seen = new HashSet<Watched>();
        while (await rows.ReadAsync())
        {
            var watched = open[(int)rows.GetInt64(0) - 1];
            if (rows.GetString(1) is "COMPLETED" or "FAILED" || rows.GetString(1).Equals(watched.Status, StringComparison.OrdinalIgnoreCase)) seen.Add(watched);
        }
        return seen;
    }

    private sealed record Watched(BenchedPod Pod, string Status, TimeSpan DueAt);
}
