namespace Osmo.Storage.State;

/// <summary>The tables of the state store. One kind is one table of rows with the same physical shape; see <c>docs/architecture.md</c>, "State".</summary>
public enum RowKind
{
    Workflow = 1,
    Plan,
    Spec,
    Group,
    Task,
    Job,
    Backend,
    Node,
    LogChunk,
    Document,
}

/// <summary>Identity of one row: its table, the partition it is read by, and its id within the partition ("" when a partition has one row).</summary>
public readonly record struct RowKey(RowKind Kind, string Partition, string Id = "");

/// <summary>A stored row. <see cref="Version"/> counts from 1 and grows by 1 with each update.</summary>
public sealed record Row(RowKey Key, long Version, ReadOnlyMemory<byte> Document);

/// <summary>One write of an atomic commit. Documents are UTF-8 JSON.</summary>
public abstract record RowWrite(RowKey Key)
{
    /// <summary>The row must not exist.</summary>
    public sealed record Insert(RowKey Key, ReadOnlyMemory<byte> Document) : RowWrite(Key);

    /// <summary>The row must have <paramref name="ExpectedVersion"/>; it gets the next one.</summary>
    public sealed record Update(RowKey Key, long ExpectedVersion, ReadOnlyMemory<byte> Document) : RowWrite(Key);

    /// <summary>Inserts or replaces whatever is there.</summary>
    public sealed record Put(RowKey Key, ReadOnlyMemory<byte> Document) : RowWrite(Key);

    /// <summary>Deletes the row if it is there. With <paramref name="ExpectedVersion"/> it must have that version.</summary>
    public sealed record Delete(RowKey Key, long? ExpectedVersion = null) : RowWrite(Key);

    /// <summary>Deletes all rows of a partition of one kind; <see cref="RowKey.Id"/> is ignored.</summary>
    public sealed record DeletePartition(RowKey Key) : RowWrite(Key);
}

/// <summary>What became of one commit.</summary>
public enum CommitOutcome
{
    /// <summary>All writes are durable.</summary>
    Committed = 1,

    /// <summary>None was made: a row existed, was gone, or had another version.</summary>
    Conflict,

    /// <summary>None was made: the user has as many workflows going as <see cref="OngoingLimits"/> allow.</summary>
    TooManyWorkflows,

    /// <summary>None was made: the user would have more tasks going than <see cref="OngoingLimits"/> allow.</summary>
    TooManyTasks,
}

/// <summary>
/// What a user may have going, judged in the transaction of a commit that adds to it: exact, however many commit at once (contract:
/// lifecycle §12). Null: no limit.
/// </summary>
/// <param name="WorkflowsMax">Workflows that are not finished, this one included.</param>
/// <param name="TasksMax">Attempts that are not finished, with <paramref name="NewTasks"/>.</param>
/// <param name="NewTasks">Attempts that the commit adds.</param>
public sealed record OngoingLimits(string User, int? WorkflowsMax, int? TasksMax, int NewTasks);

/// <summary>
/// Rows of documents with optimistic versions. Commits are atomic; commits pending at the same moment share one transaction.
/// Any other failure than a conflict throws <see cref="StateStoreException"/>: the caller does not know whether the commit was made and must read again.
/// </summary>
public interface IStateStore
{
    Task<Row?> Read(RowKey key, CancellationToken cancellation = default);

    /// <summary>All rows of one partition, ordered by id (ordinal).</summary>
    Task<IReadOnlyList<Row>> ReadPartition(RowKind kind, string partition, CancellationToken cancellation = default);

    /// <summary>The ids of all rows of one partition, ordered (ordinal), for who knows most of the rows: no document is touched.</summary>
    Task<IReadOnlyList<string>> ReadIds(RowKind kind, string partition, CancellationToken cancellation = default);

    Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, CancellationToken cancellation = default);

    /// <summary>
    /// One commit of <paramref name="writes"/> and of what <paramref name="numbered"/> makes of the next job number of a workflow name: 1 + the highest ever
    /// given for that name (contract: a workflow's id is its name, '-', this number). A number whose commit fails may stay unused.
    /// </summary>
    /// <param name="numbered">
    /// Pure and quick: a writer calls it, with others waiting. It may be called again with another number; the last call counts. What it throws fails this commit.
    /// </param>
    /// <param name="limits">Without any the commit costs nothing more.</param>
    Task<CommitOutcome> CommitNumbered(
        string workflowName,
        IReadOnlyList<RowWrite> writes,
        Func<int, IReadOnlyList<RowWrite>> numbered,
        OngoingLimits? limits = null,
        CancellationToken cancellation = default);
}

/// <summary>The database could not be reached or answered with an error other than a conflict.</summary>
public sealed class StateStoreException : Exception
{
    public StateStoreException(string message, bool isTransient, Exception? inner = null) : base(message, inner) => IsTransient = isTransient;

    /// <summary>True when the same call may succeed later (connection lost, database starting or busy).</summary>
    public bool IsTransient { get; }
}
