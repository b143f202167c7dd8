using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Embedded.Simulation;
using Osmo.Simulation.Faults;
using Osmo.Simulation.World;
using Osmo.Storage.Database;
using Osmo.Storage.Sqlite;
using Osmo.Storage.State;
using SQLitePCL;

namespace Osmo.Simulation.Storage;

/// <summary>
/// The real rows, queries and commits over a <see cref="Disk"/>, as one process of the control plane has them open. What stands in for the thread of the real
/// writer is a piece of code of the process: it takes what is pending as one batch, as that thread does.
/// </summary>
internal sealed class SimulatedDatabase(Disk disk, SimulatedProcess process, FaultRates rates, Dice dice) : IDatabase
{
    private static readonly TimeSpan SlowestRead = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SlowestCommit = TimeSpan.FromSeconds(4);

    private readonly SqliteCommitWriter _writer = new(disk.Session, NullLogger.Instance);
    private readonly List<PendingCommit> _batch = [];
    private int _pending;
    private bool _writing;

    public SqlDialect Dialect { get; } = new SqliteDialect();

    public CommitQueue Writes { get; } = new();

    public Task Open(CancellationToken cancellation) => Task.CompletedTask;

    public async Task<List<T>> Query<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        if (dice.Once(rates.DatabaseIsSlow)) await process.Pause(dice.Between(TimeSpan.Zero, SlowestRead));
        if (dice.Once(rates.ReadFails)) throw Busy();

        cancellation.ThrowIfCancellationRequested();
        var (text, parameters) = sql.Render();
        return disk.Session.Query(text, [.. parameters], read, CancellationToken.None);
    }

    /// <summary>A commit was put into the queue.</summary>
    public void WriteSoon()
    {
        _pending++;
        if (_writing) return;

        _writing = true;
        _ = process.Start(Write);
    }

    /// <summary>The process died; what the writer had begun by then may be durable, and nobody was told.</summary>
    public void Die()
    {
        if (_pending > 0 && dice.Once(0.5)) WriteBatch();
    }

    public ValueTask DisposeAsync()
    {
        Writes.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task Write()
    {
        while (_pending > 0)
        {
            if (dice.Once(rates.DatabaseIsSlow)) await process.Pause(dice.Between(TimeSpan.Zero, SlowestCommit));
            WriteBatch();
        }

        _writing = false;
    }

    private void WriteBatch()
    {
        Writes.TakeBlocking(_batch);
        _pending -= _batch.Count;
        if (dice.Once(rates.CommitFails))
        {
            foreach (var pending in _batch) pending.Fail(DatabaseErrors.Failed("Committing state", Busy()));
            return;
        }

        _writer.Write(_batch);
        foreach (var pending in _batch)
        {
            if (pending.Outcome is { IsCompletedSuccessfully: true, Result: CommitOutcome.Committed }) disk.Rows.Committed(pending.Writes, process.Time.GetUtcNow());
        }
    }

    private static SqliteException Busy() => new("The database is busy, as the seed wants it.", raw.SQLITE_BUSY);
}
