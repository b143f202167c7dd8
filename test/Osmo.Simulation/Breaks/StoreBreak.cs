using Osmo.Embedded.Simulation;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;
using Osmo.Storage.State;

namespace Osmo.Simulation.Breaks;

/// <summary>Something broken on purpose between the grains and their rows, to show that the simulation finds it. What is not overridden works.</summary>
internal abstract class StoreBreak : Seams
{
    public sealed override IStateStore Store(IStateStore store, SimulatedProcess process) => new BrokenStore(store, process, this);

    /// <summary>What is written instead.</summary>
    protected virtual RowWrite Write(RowWrite write) => write;

    protected virtual OngoingLimits? Limits(OngoingLimits? limits) => limits;

    protected virtual Task<CommitOutcome> Commit(SimulatedProcess process, Func<Task<CommitOutcome>> commit) => commit();

    /// <summary>The write with another document.</summary>
    protected static RowWrite Change<T>(RowWrite write, Func<T, T> change) => write switch
    {
        RowWrite.Insert insert => insert with { Document = Change(insert.Document, change) },
        RowWrite.Update update => update with { Document = Change(update.Document, change) },
        RowWrite.Put put => put with { Document = Change(put.Document, change) },
        _ => write,
    };

    private static ReadOnlyMemory<byte> Change<T>(ReadOnlyMemory<byte> document, Func<T, T> change) => RowJson.Write(change(RowJson.Parse<T>(document)));

    private sealed class BrokenStore(IStateStore store, SimulatedProcess process, StoreBreak broken) : IStateStore
    {
        public Task<Row?> Read(RowKey key, CancellationToken cancellation = default) => store.Read(key, cancellation);

        public Task<IReadOnlyList<Row>> ReadPartition(RowKind kind, string partition, CancellationToken cancellation = default) =>
            store.ReadPartition(kind, partition, cancellation);

        public Task<IReadOnlyList<string>> ReadIds(RowKind kind, string partition, CancellationToken cancellation = default) =>
            store.ReadIds(kind, partition, cancellation);

        public Task<CommitOutcome> Commit(IReadOnlyList<RowWrite> writes, CancellationToken cancellation = default) =>
            broken.Commit(process, () => store.Commit(Broken(writes), cancellation));

        public Task<CommitOutcome> CommitNumbered(
            string workflowName,
            IReadOnlyList<RowWrite> writes,
            Func<int, IReadOnlyList<RowWrite>> numbered,
            OngoingLimits? limits = null,
            CancellationToken cancellation = default) =>
            store.CommitNumbered(workflowName, Broken(writes), number => Broken(numbered(number)), broken.Limits(limits), cancellation);

        private List<RowWrite> Broken(IReadOnlyList<RowWrite> writes) => [.. writes.Select(broken.Write)];
    }
}
