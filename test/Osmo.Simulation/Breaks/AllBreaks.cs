using Osmo.Embedded.Simulation;
using Osmo.Simulation.World;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Breaks;

/// <summary>The breaks by the names that the command line knows.</summary>
internal static class AllBreaks
{
    public static IReadOnlyDictionary<string, Func<Seams>> ByName { get; } = new Dictionary<string, Func<Seams>>
    {
        ["drop-outbox-entry"] = () => new DropOutboxEntry(),
        ["ack-before-write"] = () => new AckBeforeWrite(),
        ["skip-dependency"] = () => new SkipDependency(),
        ["double-count-quota"] = () => new DoubleCountQuota(),
        ["forget-timer"] = () => new ForgetTimer(),
    };

    /// <exception cref="ArgumentException">There is no such break.</exception>
    public static Func<Seams>? Find(string? name) => name is null ? null : ByName.GetValueOrDefault(name)
        ?? throw new ArgumentException($"Break '{name}' is unknown; allowed are {string.Join(", ", ByName.Keys)}.");

    /// <summary>The row of a workflow that has effects to perform says that there are none.</summary>
    private sealed class DropOutboxEntry : StoreBreak
    {
        protected override RowWrite Write(RowWrite write) => write.Key.Kind != RowKind.Workflow
            ? write
            : Change<WorkflowHead>(write, head => head with { Outbox = [], WakeAt = head.Outbox.IsEmpty ? head.WakeAt : null });
    }

    /// <summary>A commit is said to be durable while it still has to be made.</summary>
    private sealed class AckBeforeWrite : StoreBreak
    {
        private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(200);

        protected override Task<CommitOutcome> Commit(SimulatedProcess process, Func<Task<CommitOutcome>> commit)
        {
            _ = process.Start(async () =>
            {
                await process.Pause(Late);
                await commit();
            });
            return Task.FromResult(CommitOutcome.Committed);
        }
    }

    /// <summary>A group forgets one of the groups it waits for.</summary>
    private sealed class SkipDependency : StoreBreak
    {
        protected override RowWrite Write(RowWrite write) => write.Key.Kind != RowKind.Group
            ? write
            : Change<GroupState>(write, group => group.RemainingUpstream is [_, .. var others] ? group with { RemainingUpstream = others } : group);
    }

    /// <summary>What a user has going counts twice.</summary>
    private sealed class DoubleCountQuota : StoreBreak
    {
        protected override OngoingLimits? Limits(OngoingLimits? limits) =>
            limits is null ? null : limits with { WorkflowsMax = (limits.WorkflowsMax + 1) / 2, TasksMax = limits.TasksMax / 2 };
    }

    /// <summary>A deadline is not written down.</summary>
    private sealed class ForgetTimer : StoreBreak
    {
        protected override RowWrite Write(RowWrite write) => write.Key.Kind != RowKind.Workflow
            ? write
            : Change<WorkflowHead>(write, head => head.Outbox.IsEmpty ? head with { WakeAt = null } : head);
    }
}
