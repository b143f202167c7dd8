using System.Collections.Concurrent;
using Osmo.Storage.State;

namespace Osmo.Grains.Tests.Support;

public enum Fault
{
    /// <summary>The commit is not made, and throws.</summary>
    BeforeCommit = 1,

    /// <summary>The commit is made, and throws.</summary>
    AfterCommit,

    /// <summary>The commit is not made, and says that there was a conflict.</summary>
    Conflict,
}

/// <summary>Rows and bytes of documents.</summary>
internal readonly record struct Written(int Rows, int Bytes)
{
    public static Written operator +(Written one, Written other) => new(one.Rows + other.Rows, one.Bytes + other.Bytes);
}

/// <summary>A store that fails when it is told to, and counts.</summary>
internal sealed class FaultyStore(IStateStore inner) : IStateStore
{
    private readonly Lock _gate = new();
    private readonly List<Trap> _traps = [];
    private readonly ConcurrentDictionary<string, Written> _written = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _read = new(StringComparer.Ordinal);
    private Recurring? _recurring;

    /// <summary>The next <paramref name="times"/> commits that write such a row of such a partition fail.</summary>
    public void Fail(Fault fault, RowKind kind, string partition, int times = 1)
    {
        lock (_gate)
        {
            _traps.Add(new Trap(fault, kind, partition) { Left = times });
        }
    }

    /// <summary>From now on every third commit that writes rows of this partition fails, after <paramref name="good"/> good ones.</summary>
    public void FailEveryThird(Fault fault, string partition, int good)
    {
        lock (_gate)
        {
            _recurring = new Recurring(fault, partition) { Good = good };
        }
    }

    /// <summary>What was written of a partition since this was last asked.</summary>
    public Written TakeWritten(string partition) => _written.TryRemove(partition, out var written) ? written : default;

    /// <summary>Documents that were read of a partition since this was last asked.</summary>
    public int TakeRead(string partition) => _read.TryRemove(partition, out var documents) ? documents : 0;

    /// <summary>True when every fault that was asked for has happened.</summary>
    public bool IsSpent
    {
        get
        {
            lock (_gate)
            {
                return _traps.Count == 0;
            }
        }
    }

    public async Task<Row?> Read(RowKey key, CancellationToken cancellation = default)
    {
        var row = await inner.Read(key, cancellation);
        CountRead(key.Partition, row is null ? 0 : 1);
        return row;
    }

    public async Task<IReadOnlyList<Row>> ReadPartition(RowKind kind, string partition, CancellationToken cancellation = default)
    {
        var rows = await inner.ReadPartition(kind, partition, cancellation);
        CountRead(partition, rows.Count);
        return rows;
    }

    public Task<IReadOnlyList<string>> ReadIds(RowKind kind, string partition, CancellationToken cancellation = default) =>
        inner.ReadIds(kind, partition, cancellation);

    public Task<CommitOutcome> CommitNumbered(
        string workflowName,
        IReadOnlyList<RowWrite> writes,
        Func<int, IReadOnlyList<RowWrite>> numbered,
        OngoingLimits? limits = null,
        CancellationToken cancellation = default) =>
        Commit([.. writes, .. numbered(1)], () => inner.CommitNumbered(workflowName, writes, numbered, limits, cancellation));

    public Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, CancellationToken cancellation = default) =>
        Commit(writes, () => inner.Commit(writes, cancellation));

    private async Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, Func<Task<CommitOutcome>> commit)
    {
        foreach (var write in writes)
        {
            _written.AddOrUpdate(write.Key.Partition, static (_, one) => one, static (_, all, one) => all + one, new Written(1, Bytes(write)));
        }

        switch (Next(writes))
        {
            case Fault.Conflict:
                return CommitOutcome.Conflict;
            case Fault.BeforeCommit:
                throw Lost();
            case Fault.AfterCommit:
                await commit();
                throw Lost();
            default:
                return await commit();
        }
    }

    private void CountRead(string partition, int documents) => _read.AddOrUpdate(partition, documents, (_, all) => all + documents);

    private static int Bytes(RowWrite write) => write switch
    {
        RowWrite.Insert insert => insert.Document.Length,
        RowWrite.Update update => update.Document.Length,
        RowWrite.Put put => put.Document.Length,
        _ => 0,
    };

    private static StateStoreException Lost() => new("The connection was lost, as asked for.", isTransient: true);

    private Fault? Next(IReadOnlyList<RowWrite> writes)
    {
        lock (_gate)
        {
            if (_recurring is { } recurring && writes.Any(write => write.Key.Partition == recurring.Partition))
            {
                recurring.Good = (recurring.Good + 2) % 3;
                return recurring.Good == 2 ? recurring.Fault : null;
            }

            if (_traps.Find(trap => writes.Any(write => write.Key.Kind == trap.Kind && write.Key.Partition == trap.Partition)) is not { } trap)
            {
                return null;
            }

            if (--trap.Left == 0)
            {
                _traps.Remove(trap);
            }

            return trap.Fault;
        }
    }

    private sealed record Recurring(Fault Fault, string Partition)
    {
        public int Good { get; set; }
    }

    private sealed record Trap(Fault Fault, RowKind Kind, string Partition)
    {
        public int Left { get; set; }
    }
}
