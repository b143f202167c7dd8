using System.Collections.Immutable;
using Osmo.Storage.Database;

namespace Osmo.Storage.Queries;

/// <summary>What is still to be done, in all.</summary>
/// <param name="Jobs">Open jobs, by backend; one without open jobs is absent.</param>
/// <param name="DueSince">The deadline that has been passed for the longest time without being noticed; null when there is none.</param>
public sealed record Backlog(ImmutableSortedDictionary<string, long> Jobs, DateTime? DueSince);

/// <summary>For those who watch the service.</summary>
public interface IBacklogQuery
{
    Task<Backlog> Read(DateTime now, CancellationToken cancellation = default);
}

internal sealed class BacklogQuery(IDatabase database) : IBacklogQuery
{
    public async Task<Backlog> Read(DateTime now, CancellationToken cancellation = default)
    {
        var jobs = await database.Select(
            $"SELECT partition, count(*) FROM job GROUP BY partition", reader => (Backend: reader.GetString(0), Count: reader.GetInt64(1)), cancellation);
        var due = await database.Select(
            $"SELECT wake_at FROM workflow WHERE wake_at IS NOT NULL AND wake_at <= {RowTime.Text(now)} ORDER BY wake_at LIMIT 1",
            reader => RowTime.Parse(reader.GetString(0)),
            cancellation);
        return new(jobs.ToImmutableSortedDictionary(row => row.Backend, row => row.Count, StringComparer.Ordinal), due.Count == 0 ? null : due[0]);
    }
}
