using Osmo.Simulation.Faults;
using Osmo.Storage.State;

namespace Osmo.Simulation.Storage;

/// <summary>The rows as grains see them: a commit that was made may be said to have failed.</summary>
internal sealed class SimulatedStateStore(IStateStore rows, SimulatedDatabase database, FaultRates rates, Dice dice) : IStateStore
{
    public Task<Row?> Read(RowKey key, CancellationToken cancellation = default) => rows.Read(key, cancellation);

    public Task<IReadOnlyList<Row>> ReadPartition(RowKind kind, string partition, CancellationToken cancellation = default) =>
        rows.ReadPartition(kind, partition, cancellation);

    public Task<IReadOnlyList<string>> ReadIds(RowKind kind, string partition, CancellationToken cancellation = default) =>
        rows.ReadIds(kind, partition, cancellation);

    public Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, CancellationToken cancellation = default) =>
        writes.Count == 0 ? rows.Commit(writes, cancellation) : Await(rows.Commit(writes, cancellation));

    public Task<CommitOutcome> CommitNumbered(
        string workflowName,
        IReadOnlyList<RowWrite> writes,
        Func<int, IReadOnlyList<RowWrite>> numbered,
        OngoingLimits? limits = null,
        CancellationToken cancellation = default) =>
        Await(rows.CommitNumbered(workflowName, writes, numbered, limits, cancellation));

    private async Task<CommitOutcome> Await(Task<CommitOutcome> commit)
    {
        database.WriteSoon();
        var outcome = await commit;
        return dice.Once(rates.CommitLies)
            ? throw new StateStoreException("The connection was lost before the answer came, as the seed wants it.", isTransient: true)
            : outcome;
    }
}
