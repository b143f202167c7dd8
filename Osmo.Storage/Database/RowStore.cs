using System.Data.Common;
using System.Diagnostics;
using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>The state store over either database.</summary>
internal sealed class RowStore(IDatabase database, StorageMetrics? metrics = null) : IStateStore
{
    public async Task<Row?> Read(RowKey key, CancellationToken cancellation = default)
    {
        var table = Sql.Raw(key.Kind.Table());
        var rows = await database.Select(
            $"SELECT version, document FROM {table} WHERE partition = {key.Partition} AND id = {key.Id}",
            reader => new Row(key, reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)),
            cancellation);
        return rows.Count == 0 ? null : rows[0];
    }

    public async Task<IReadOnlyList<Row>> ReadPartition(RowKind kind, string partition, CancellationToken cancellation = default)
    {
        var table = Sql.Raw(kind.Table());
        return await database.Select(
            $"SELECT partition, id, version, document FROM {table} WHERE partition = {partition} ORDER BY id",
            reader => ReadRow(kind, reader),
            cancellation);
    }

    public async Task<IReadOnlyList<string>> ReadIds(RowKind kind, string partition, CancellationToken cancellation = default) =>
        await database.Select(
            $"SELECT id FROM {Sql.Raw(kind.Table())} WHERE partition = {partition} ORDER BY id", reader => reader.GetString(0), cancellation);

    public async Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, CancellationToken cancellation = default)
    {
        return writes.Count == 0 ? CommitOutcome.Committed : await Commit(new PendingCommit(Checked(writes)), cancellation);
    }

    public async Task<CommitOutcome> CommitNumbered(
        string workflowName,
        IReadOnlyList<RowWrite> writes,
        Func<int, IReadOnlyList<RowWrite>> numbered,
        OngoingLimits? limits = null,
        CancellationToken cancellation = default) =>
        await Commit(new PendingCommit(Checked(writes), workflowName, number => Checked(numbered(number)), limits), cancellation);

    private async Task<CommitOutcome> Commit(PendingCommit pending, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await database.Writes.Add(pending, cancellation);
        var outcome = await pending.Outcome;
        metrics?.Committed(outcome, Stopwatch.GetElapsedTime(started));
        return outcome;
    }

    /// <summary>A writer serves many callers: what only this caller got wrong is found before it comes to them.</summary>
    private static IReadOnlyList<RowWrite> Checked(IReadOnlyList<RowWrite> writes)
    {
        foreach (var write in writes) _ = write.Key.Kind.Table();
        return writes;
    }

    /// <summary>A row from columns <c>partition, id, version, document</c>.</summary>
    internal static Row ReadRow(RowKind kind, DbDataReader reader) =>
        new(new(kind, reader.GetString(0), reader.GetString(1)), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3));
}

internal static class DatabaseErrors
{
    /// <summary>Runs a query; whatever the engine throws becomes <see cref="StateStoreException"/>.</summary>
    public static async Task<List<T>> Select<T>(this IDatabase database, Sql sql, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        try
        {
            return await database.Query(sql, read, cancellation);
        }
        catch (DbException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Failed("Reading state", error);
        }
    }

    public static StateStoreException Failed(string what, Exception error) =>
        error as StateStoreException ?? new($"{what} failed: {error.Message}", TransientErrors.IsTransient(error), error);
}
