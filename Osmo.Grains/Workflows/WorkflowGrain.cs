using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Configuration;
using Osmo.Grains.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Notifications;
using Osmo.Storage.State;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Templates;

namespace Osmo.Grains.Workflows;

/// <summary>
/// The mailbox around <see cref="WorkflowMachine"/>: load, apply, commit, then act. The parts of this class: submit (Submit), operator jobs (Jobs),
/// runtimes (Runtime), what follows a commit (Effects), effects that are kept until they are performed (Outbox).
/// </summary>
[GrainType("workflow")]
public sealed partial class WorkflowGrain(
    IStateStore store,
    ConfigurationCache configuration,
    IIdentitySource identity,
    ITemplateRenderer renderer,
    INotifier notifier,
    TimeProvider time,
    ILogger<WorkflowGrain> logger) : Grain, IWorkflowGrain
{
    /// <summary>A conflict means that another activation wrote meanwhile; reading again settles it, so it cannot go on for long.</summary>
    private const int CommitTriesMax = 5;

    private StoredWorkflow? _stored;

    private string Uuid => this.GetPrimaryKeyString();

    public async Task<CancelResult> Cancel(CancelWorkflow request)
    {
        if (await Stored() is not { } stored)
        {
            return await RejectedHead() is { } rejected ? AlreadyFinished(rejected.WorkflowId) : new CancelResult(null, null);
        }

        if (!WorkflowMachine.CanCancel(stored.Workflow, request.Force))
        {
            return AlreadyFinished(stored.Head.WorkflowId);
        }

        await Apply(new WorkflowEvent.CancelRequested(request.User, request.Message, request.Force));
        return new CancelResult(stored.Head.WorkflowId, null);

        static CancelResult AlreadyFinished(string id) => new(id, new Refusal("USER", $"Workflow {id} is already finished."));
    }

    public async Task ReportPods(string backend, ImmutableArray<PodReport> reports)
    {
        if (await Stored() is not { } stored)
        {
            return;
        }

        if (stored.Workflow.Plan.Backend != backend)
        {
            ReportOfAnother(logger, Uuid, stored.Workflow.Plan.Backend, backend);
            return;
        }

        await Apply([.. reports.Select(Event).OfType<WorkflowEvent>()]);
    }

    public async Task ReportLeftovers(string backend, ImmutableArray<string> groupUuids)
    {
        if (await Stored() is { } stored && stored.Workflow.Plan.Backend == backend)
        {
            await Apply([.. groupUuids.Select(group => new WorkflowEvent.LeftoverSeen(group))]);
        }
    }

    public async Task RemoveNode(string node)
    {
        if (await Stored() is not null)
        {
            await Apply(new WorkflowEvent.NodeRemoved(node));
        }
    }

    public async Task RemoveBackend()
    {
        if (await Stored() is not null)
        {
            await Apply(new WorkflowEvent.BackendRemoved());
        }
    }

    public async Task Wake()
    {
        if (await Stored() is not null)
        {
            await Apply(new WorkflowEvent.TimePassed());
            await SettleOutbox();
        }
    }

    /// <summary>What was read or committed last; null when there is no such workflow or it was rejected. Read when first asked for: most grains begin with a submit.</summary>
    private async ValueTask<StoredWorkflow?> Stored()
    {
        if (_stored is null && (_stored = await StoredWorkflow.Read(store, Uuid)) is not null)
        {
            ArmDeadline();

            // Whoever committed them may not have come to send them.
            foreach (var restart in Restarts.Due(_stored.Workflow))
            {
                await Push(restart);
            }
        }

        return _stored;
    }

    /// <summary>Commits what the events make of the current state, and then acts on it. Nothing is done for a change that changes nothing.</summary>
    private async Task<WorkflowChange> Apply(params ImmutableArray<WorkflowEvent> events)
    {
        for (var tries = 1; ; tries++)
        {
            var stored = await Stored() ?? throw new OrleansException($"Workflow {Uuid} does not exist.");
            var change = await Fold(stored.Workflow, events);
            var now = time.UtcNow();
            if (!change.IsEmpty)
            {
                var (writes, next) = stored.Plan(change, WakeAt(change.Next, now), now);
                if (!await TryCommit(writes))
                {
                    if (tries == CommitTriesMax)
                    {
                        throw new OrleansException($"Workflow {Uuid} is being changed elsewhere; {tries} commits in a row met another's. Try again.");
                    }

                    continue;
                }

                _stored = next;
                TraceEnd(stored.Workflow.State, change.Next.State, now);
            }

            await Act(change, now);
            return change;
        }
    }

    private void TraceEnd(WorkflowState before, WorkflowState after, DateTime now)
    {
        if (!before.Status.IsFinished && after.Status.IsFinished)
        {
            WorkflowTrace.End(Uuid, after.SubmitTime, after.EndTime ?? now, after.Status.ToString(), isFailure: after.Status != WorkflowStatus.Completed);
        }
    }

    /// <summary>What the events do; with the last of them, that the user is told of the end (contract: lifecycle §21).</summary>
    private async ValueTask<WorkflowChange> Fold(Workflow workflow, ImmutableArray<WorkflowEvent> events)
    {
        var now = time.UtcNow();
        var change = WorkflowChange.Fold(workflow, events, now);
        if (workflow.State.Status.IsFinished || !change.Next.State.Status.IsFinished)
        {
            return change;
        }

        var ways = (await configuration.Current()).Snapshot.Workflow.WorkflowAlerts.Ways;
        return ways.IsEmpty ? change : WorkflowChange.Fold(workflow, [.. events, new WorkflowEvent.EndAnnounced(ways)], now);
    }

    private Task<bool> TryCommit(IReadOnlyList<RowWrite> writes) => TryCommit(() => store.Commit(writes));

    /// <summary>False when another activation has written meanwhile. In every case but success the memory is given up: what is stored decides.</summary>
    private async Task<bool> TryCommit(Func<Task<CommitOutcome>> commit) => await Commit(commit) == CommitOutcome.Committed;

    private async Task<CommitOutcome> Commit(Func<Task<CommitOutcome>> commit)
    {
        CommitOutcome? outcome = null;
        try
        {
            outcome = await commit();
            return outcome.Value;
        }
        finally
        {
            if (outcome != CommitOutcome.Committed)
            {
                _stored = null;
            }
        }
    }

    private WorkflowEvent? Event(PodReport report)
    {
        switch (report)
        {
            case PodReport.StatusChanged changed when Osmo.Workflows.WireEnum<TaskGroupStatus>.TryParse(changed.Status, out var status):
                return new WorkflowEvent.PodReported(changed.TaskUuid, changed.RetryId, status, changed.Message, changed.ExitCode, changed.Node, changed.PodIp);
            case PodReport.Starting starting:
                return new WorkflowEvent.PodStarting(starting.TaskUuid, starting.RetryId, starting.Message);
            default:
                UnknownReport(logger, Uuid, report.TaskUuid, (report as PodReport.StatusChanged)?.Status);
                return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A report for task {TaskUuid} of workflow {WorkflowUuid} has unknown status {Status}; it is ignored.")]
    private static partial void UnknownReport(ILogger logger, string workflowUuid, string taskUuid, string? status);

    [LoggerMessage(6, LogLevel.Warning, "Backend {Reporter} reports pods of workflow {WorkflowUuid}, which runs on {Backend}; that is ignored.")]
    private static partial void ReportOfAnother(ILogger logger, string workflowUuid, string backend, string reporter);
}
