using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.PostgreSql;

/// <summary>
/// Writes batches. All statements of a batch and its commit are one round trip: every statement fails unless it did what its write requires, and a
/// failed statement undoes the batch. Then the batch is written again carefully, each commit behind a savepoint, and only the culprits fail.
/// Conflicts are rare (a grain has its row to itself), so the fast way is the usual one.
/// </summary>
internal sealed class PostgresCommitWriter(NpgsqlDataSource source, ILogger logger)
{
    private const string RowConflict = "OC001"; // raised by require_row
    private const string Savepoint = "one";

    public async Task Run(CommitQueue queue)
    {
        var batch = new List<PendingWrite>(CommitQueue.BatchWrites);
        while (await queue.Take(batch)) await Write(batch);
    }

    private async Task Write(List<PendingWrite> batch)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            try
            {
                await WriteTogether(connection, batch);
            }
            catch (PostgresException) when (connection.State == ConnectionState.Open)
            {
                // The server answered, so nothing of the batch is there.
                await WriteCarefully(connection, batch);
            }
        }
        catch (Exception error)
        {
            StorageLog.BatchFailed(logger, batch.Count, error);
            var failure = DatabaseErrors.Failed("Committing state", error);
            foreach (var pending in batch) pending.Fail(failure);
        }
    }

    private static async Task WriteTogether(NpgsqlConnection connection, List<PendingWrite> batch)
    {
        // Outside an explicit transaction all statements of a batch are one transaction.
        await using var statements = new NpgsqlBatch(connection);
        var numbers = new JobNumbers(batch);
        if (numbers.Any) statements.BatchCommands.Add(numbers.Command);
        foreach (var commit in batch.OfType<PendingCommit>())
        {
            foreach (var write in commit.Writes) statements.BatchCommands.Add(PostgresWriteStatements.Command(write));
        }
        await using (var reader = await statements.ExecuteReaderAsync())
        {
            if (numbers.Any) await numbers.Read(reader);
            while (await reader.NextResultAsync())
            {
                // Only a failed statement has something to say, and it throws.
            }
        }
        numbers.Complete();
        foreach (var commit in batch.OfType<PendingCommit>()) commit.Complete(CommitOutcome.Committed);
    }

    private static async Task WriteCarefully(NpgsqlConnection connection, List<PendingWrite> batch)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var numbers = new JobNumbers(batch);
        if (numbers.Any)
        {
            await using var statements = new NpgsqlBatch(connection, transaction) { BatchCommands = { numbers.Command } };
            await using var reader = await statements.ExecuteReaderAsync();
            await numbers.Read(reader);
        }
        var completions = new List<Action>(batch.Count);
        foreach (var commit in batch.OfType<PendingCommit>())
        {
            await transaction.SaveAsync(Savepoint);
            try
            {
                await using var statements = new NpgsqlBatch(connection, transaction);
                foreach (var write in commit.Writes) statements.BatchCommands.Add(PostgresWriteStatements.Command(write));
                await statements.ExecuteNonQueryAsync();
                completions.Add(() => commit.Complete(CommitOutcome.Committed));
            }
            catch (PostgresException error) when (connection.State == ConnectionState.Open)
            {
                await transaction.RollbackAsync(Savepoint);
                completions.Add(Refused(commit, error));
            }
            await transaction.ReleaseAsync(Savepoint);
        }
        await transaction.CommitAsync();
        numbers.Complete();
        foreach (var complete in completions) complete();
    }

    private static Action Refused(PendingCommit commit, PostgresException error)
    {
        if (error.SqlState is RowConflict or PostgresErrorCodes.UniqueViolation) return () => commit.Complete(CommitOutcome.Conflict);
        var failure = DatabaseErrors.Failed($"Writing {commit.Writes[0].Key}", error);
        return () => commit.Fail(failure);
    }

    /// <summary>All job numbers a batch asks for, given by one statement.</summary>
    private sealed class JobNumbers(IEnumerable<PendingWrite> batch)
    {
        private readonly PendingJobNumber[] _pending = [.. batch.OfType<PendingJobNumber>()];
        private readonly Dictionary<string, int> _next = [];

        public bool Any => _pending.Length > 0;

        public NpgsqlBatchCommand Command => PostgresWriteStatements.GiveJobNumbers([.. Counts()]);

        public async Task Read(NpgsqlDataReader reader)
        {
            var counts = Counts().ToDictionary();
            while (await reader.ReadAsync()) _next[reader.GetString(0)] = reader.GetInt32(1) - counts[reader.GetString(0)] + 1;
        }

        public void Complete()
        {
            foreach (var pending in _pending) pending.Complete(_next[pending.WorkflowName]++);
        }

        private IEnumerable<KeyValuePair<string, int>> Counts() => _pending.CountBy(pending => pending.WorkflowName);
    }
}
