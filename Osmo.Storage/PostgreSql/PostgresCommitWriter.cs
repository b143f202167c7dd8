using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.PostgreSql;

/// <summary>
/// Writes batches. All statements of a batch and its commit are one round trip (job numbers are another before it): every statement fails unless it did what its write requires, and a
/// failed statement undoes the batch. Then the batch is written again carefully, each commit and its number behind a savepoint, and only the culprits fail.
/// Conflicts are rare (a grain has its row to itself), so the fast way is the usual one.
/// </summary>
internal sealed class PostgresCommitWriter(NpgsqlDataSource source, ILogger logger)
{
    private const string RowConflict = "OC001"; // raised by require_row
    private const string Savepoint = "one";

    public async Task Run(CommitQueue queue)
    {
        var batch = new List<PendingCommit>(CommitQueue.BatchWrites);
        while (await queue.Take(batch)) await Write(batch);
    }

    private async Task Write(List<PendingCommit> batch)
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

    private static async Task WriteTogether(NpgsqlConnection connection, List<PendingCommit> batch)
    {
        // With job numbers a batch takes a second round trip: documents hold them. Without, its statements are a transaction by themselves.
        var numbers = new JobNumbers(batch);
        await using var transaction = numbers.Any ? await connection.BeginTransactionAsync() : null;
        var ongoing = await OngoingWorkflows.Lock(connection, batch);
        var refusals = batch.Select(ongoing.Admit).ToArray();
        if (numbers.Any) await numbers.Give(connection);
        await using var statements = new NpgsqlBatch(connection);
        var writes = batch.Where((_, index) => refusals[index] is null).SelectMany(commit => commit.Writes).ToList();
        foreach (var command in PostgresManyWrites.Commands(writes)) statements.BatchCommands.Add(command);
        if (transaction is not null) statements.BatchCommands.Add(new("COMMIT"));
        await statements.ExecuteNonQueryAsync();
        foreach (var (commit, refusal) in batch.Zip(refusals)) commit.Complete(refusal ?? CommitOutcome.Committed);
    }

    private static async Task WriteCarefully(NpgsqlConnection connection, List<PendingCommit> batch)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var ongoing = await OngoingWorkflows.Lock(connection, batch);
        var completions = new List<Action>(batch.Count);
        // Names are locked one after the other, so in the order in which the quick way locks them.
        foreach (var commit in batch.OrderBy(commit => commit.WorkflowName, StringComparer.Ordinal))
        {
            if (ongoing.Refuse(commit) is { } refusal)
            {
                completions.Add(() => commit.Complete(refusal));
                continue;
            }
            await transaction.SaveAsync(Savepoint);
            try
            {
                await new JobNumbers([commit]).Give(connection);
                await WriteOne(connection, commit);
                ongoing.Admit(commit);
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
        foreach (var complete in completions) complete();
    }

    private static async Task WriteOne(NpgsqlConnection connection, PendingCommit commit)
    {
        // Nothing to write: what the caller makes of its number failed, and it has been told.
        if (commit.Writes.Count == 0) return;
        await using var statements = new NpgsqlBatch(connection);
        foreach (var write in commit.Writes) statements.BatchCommands.Add(PostgresWriteStatements.Command(write));
        await statements.ExecuteNonQueryAsync();
    }

    private static Action Refused(PendingCommit commit, PostgresException error)
    {
        if (error.SqlState is RowConflict or PostgresErrorCodes.UniqueViolation) return () => commit.Complete(CommitOutcome.Conflict);
        var failure = DatabaseErrors.Failed(commit.Writes is [var first, ..] ? $"Writing {first.Key}" : "Giving a job number", error);
        return () => commit.Fail(failure);
    }

    /// <summary>All job numbers that some commits ask for, given by one statement.</summary>
    private sealed class JobNumbers(IEnumerable<PendingCommit> commits)
    {
        private readonly PendingCommit[] _numbered = [.. commits.Where(commit => commit.WorkflowName is not null)];

        public bool Any => _numbered.Length > 0;

        public async Task Give(NpgsqlConnection connection)
        {
            if (!Any) return;
            var counts = _numbered.CountBy(commit => commit.WorkflowName!).ToDictionary();
            var next = new Dictionary<string, int>();
            await using var statements = new NpgsqlBatch(connection) { BatchCommands = { PostgresWriteStatements.GiveJobNumbers(counts) } };
            await using (var reader = await statements.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync()) next[reader.GetString(0)] = reader.GetInt32(1) - counts[reader.GetString(0)] + 1;
            }
            foreach (var commit in _numbered) commit.TryNumber(next[commit.WorkflowName!]++);
        }
    }
}
