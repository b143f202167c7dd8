using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Osmo.Storage.Database;
using Osmo.Storage.State;
using SQLitePCL;

namespace Osmo.Storage.Sqlite;

/// <summary>Writes batches in one transaction each. A commit of several rows has a savepoint, so that it alone is undone when it conflicts.</summary>
internal sealed class SqliteCommitWriter(SqliteSession session, ILogger logger)
{
    private readonly List<Action> _completions = [];

    /// <summary>Makes the batch durable and only then completes its members; when the transaction fails, all of them fail.</summary>
    public void Write(IReadOnlyList<PendingCommit> batch)
    {
        _completions.Clear();
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            foreach (var pending in batch) _completions.Add(Apply(pending));
            session.Execute("COMMIT");
        }
        catch (Exception error)
        {
            StorageLog.BatchFailed(logger, batch.Count, error);
            UndoBatch();
            var failure = DatabaseErrors.Failed("Committing state", error);
            foreach (var pending in batch) pending.Fail(failure);
            return;
        }
        foreach (var complete in _completions) complete();
    }

    private Action Apply(PendingCommit commit)
    {
        session.Execute("SAVEPOINT one");
        try
        {
            if (commit.Limits is { } limits && Ongoing(limits.User).Refuse(limits) is { } refused)
            {
                UndoOne();
                return () => commit.Complete(refused);
            }
            if (commit.WorkflowName is { } name && !commit.TryNumber(NextJobNumber(name)))
            {
                UndoOne();
                return static () => { };
            }
            foreach (var write in commit.Writes)
            {
                if (ApplyWrite(write)) continue;
                UndoOne();
                return () => commit.Complete(CommitOutcome.Conflict);
            }
        }
        catch (SqliteException error) when (!session.IsAutoCommit && !TransientErrors.IsTransient(error))
        {
            // The engine refused this commit's content (malformed document, missing property), not the transaction.
            UndoOne();
            if (error.SqliteExtendedErrorCode is raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY)
            {
                return () => commit.Complete(CommitOutcome.Conflict);
            }
            var failure = DatabaseErrors.Failed($"Writing {commit.Writes[0].Key}", error);
            return () => commit.Fail(failure);
        }
        session.Execute("RELEASE one");
        return () => commit.Complete(CommitOutcome.Committed);
    }

    /// <summary>Where even this fails, those who wait still hear of it, and the next batch finds the transaction open, fails, and tries again.</summary>
    private void UndoBatch()
    {
        try
        {
            if (!session.IsAutoCommit) session.Execute("ROLLBACK");
        }
        catch (SqliteException error)
        {
            StorageLog.RollbackFailed(logger, error);
        }
    }

    private void UndoOne()
    {
        session.Execute("ROLLBACK TO one");
        session.Execute("RELEASE one");
    }

    /// <summary>False on a conflict.</summary>
    private bool ApplyWrite(RowWrite write)
    {
        var (kind, partition, id) = write.Key;
        var sql = SqliteWriteStatements.Of(kind);
        switch (write)
        {
            case RowWrite.Insert insert:
                return session.Execute(sql.Insert, partition, id, Stored(insert.Document)) == 1;
            case RowWrite.Update update:
                return session.Execute(sql.Update, partition, id, Stored(update.Document), update.ExpectedVersion) == 1;
            case RowWrite.Put put:
                session.Execute(sql.Put, partition, id, Stored(put.Document));
                return true;
            case RowWrite.Delete { ExpectedVersion: { } version }:
                return session.Execute(sql.DeleteVersion, partition, id, version) == 1;
            case RowWrite.Delete:
                session.Execute(sql.Delete, partition, id);
                return true;
            case RowWrite.DeletePartition:
                session.Execute(sql.DeletePartition, partition);
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(write), write, "Not a write this writer knows.");
        }
    }

    private static byte[] Stored(ReadOnlyMemory<byte> document) => DocumentText.Storable(document).ToArray();

    /// <summary>With what was written before in this transaction; there is no other that writes.</summary>
    private OngoingCount Ongoing(string user) => session.Query(
        $"SELECT {OngoingCount.Columns("$1")}", [user], reader => new OngoingCount(reader.GetInt32(0), reader.GetInt32(1)))[0];

    private int NextJobNumber(string workflowName) => session.Query(
        """
        INSERT INTO workflow_name (name, last_number) VALUES ($1, 1)
        ON CONFLICT (name) DO UPDATE SET last_number = last_number + 1 RETURNING last_number
        """,
        [workflowName],
        reader => reader.GetInt32(0))[0];
}

/// <summary>The statements that write one table. Documents are bound as UTF-8 bytes: the cast only names them text.</summary>
internal sealed record SqliteWriteStatements(string Insert, string Update, string Put, string DeleteVersion, string Delete, string DeletePartition)
{
    private static readonly SqliteWriteStatements[] ByKind =
        [.. Enum.GetValues<RowKind>().Order().Select(kind => Of(kind.Table()))];

    public static SqliteWriteStatements Of(RowKind kind) => ByKind[(int)kind - 1];

    private static SqliteWriteStatements Of(string table) => new(
        $"INSERT INTO {table} (partition, id, version, document) VALUES ($1, $2, 1, CAST($3 AS TEXT)) ON CONFLICT DO NOTHING",
        $"UPDATE {table} SET version = version + 1, document = CAST($3 AS TEXT) WHERE partition = $1 AND id = $2 AND version = $4",
        $"""
        INSERT INTO {table} (partition, id, version, document) VALUES ($1, $2, 1, CAST($3 AS TEXT))
        ON CONFLICT (partition, id) DO UPDATE SET version = version + 1, document = excluded.document
        """,
        $"DELETE FROM {table} WHERE partition = $1 AND id = $2 AND version = $3",
        $"DELETE FROM {table} WHERE partition = $1 AND id = $2",
        $"DELETE FROM {table} WHERE partition = $1");
}
