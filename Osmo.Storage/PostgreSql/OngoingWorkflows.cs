using Npgsql;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.PostgreSql;

/// <summary>
/// What the users of a batch's limited commits have going. Only submits add to it, and those of one user wait for each other from the count to
/// the end of the transaction, whichever process they come from: so it is exact. What ends meanwhile makes it less.
/// </summary>
internal sealed class OngoingWorkflows
{
    /// <summary>Sets these locks apart from others in the same database.</summary>
    private const long LockSeed = 7201;

    private readonly Dictionary<string, OngoingCount> _byUser = [];

    private OngoingWorkflows()
    {
    }

    /// <summary>Locks the users until the end of the transaction, and counts. Ordered, so that two batches do not deadlock. Nothing is asked without limits.</summary>
    public static async Task<OngoingWorkflows> Lock(NpgsqlConnection connection, IEnumerable<PendingCommit> batch)
    {
        var ongoing = new OngoingWorkflows();
        var users = batch.Select(commit => commit.Limits?.User).OfType<string>().Distinct().ToArray();
        if (users.Length == 0) return ongoing;

        // Two statements: the second one's snapshot has what the former holders of the locks committed.
        await using var statements = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(u, {LockSeed}) k FROM unnest($1) u ORDER BY 1 OFFSET 0) locks")
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = users } },
                },
                new($"SELECT u, {OngoingCount.Columns("u")} FROM unnest($1) u")
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = users } },
                },
            },
        };
        await using var reader = await statements.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync()) ongoing._byUser[reader.GetString(0)] = new(reader.GetInt32(1), reader.GetInt32(2));
        return ongoing;
    }

    public CommitOutcome? Refuse(PendingCommit commit) => commit.Limits is { } limits ? _byUser[limits.User].Refuse(limits) : null;

    /// <summary>As <see cref="Refuse"/>; what may be made counts from now on.</summary>
    public CommitOutcome? Admit(PendingCommit commit)
    {
        if (commit.Limits is not { } limits) return null;
        var refusal = Refuse(commit);
        if (refusal is null) _byUser[limits.User] = _byUser[limits.User].After(limits);
        return refusal;
    }
}
