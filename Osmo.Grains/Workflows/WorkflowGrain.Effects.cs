using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Backends;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>What follows a commit. All of it is repeated after a crash: jobs from their rows, outbox entries by <c>wake_at</c>; actions are asked for again by the runtime.</summary>
public sealed partial class WorkflowGrain
{
    /// <summary>A deadline further away is left to <see cref="IWakeGrain"/>; this grain need not stay in memory for it.</summary>
    private static readonly TimeSpan TimerHorizon = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan OutboxRetryFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OutboxRetryMax = TimeSpan.FromMinutes(5);

    private IGrainTimer? _deadline;
    private IGrainTimer? _outboxRun;
    private int _outboxFailures;

    private async Task Act(WorkflowChange change, DateTime now)
    {
        ArmDeadline();
        if (!change.NewJobs.IsEmpty)
        {
            var tickets = change.OrderedJobs(now).Select(job => JobLanes.Ticket(Uuid, job.Job, job.Order)).ToImmutableArray();
            await GrainFactory.GetGrain<IBackendGrain>(change.Next.Plan.Backend).AddJobs(tickets);
        }

        foreach (var action in change.Actions)
        {
            await GrainFactory.GetGrain<ITaskGrain>($"{Uuid}/{action.Task}").Push(new TaskAction(action.RetryId, ActionDocument(action)));
        }

        if (!change.Next.State.Outbox.IsEmpty && _outboxRun is null)
        {
            // In a turn of its own, so that whoever reported the end is not kept waiting for the archive.
            _outboxRun = this.RegisterGrainTimer(RunOutbox, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        }
    }

    private async Task RunOutbox(CancellationToken cancellation)
    {
        _outboxRun?.Dispose();
        _outboxRun = null;
        await PerformOutbox();
    }

    private DateTime? WakeAt(Workflow workflow, DateTime now)
    {
        DateTime? outbox = workflow.State.Outbox.IsEmpty ? null : now + OutboxPause();
        var deadline = WorkflowMachine.NextDeadline(workflow);
        return outbox is null || deadline < outbox ? deadline : outbox;
    }

    private TimeSpan OutboxPause()
    {
        var pause = OutboxRetryFirst * Math.Pow(2, Math.Min(_outboxFailures, 16));
        return pause < OutboxRetryMax ? pause : OutboxRetryMax;
    }

    private void ArmDeadline()
    {
        _deadline?.Dispose();
        _deadline = null;
        if (_stored is not null && WorkflowMachine.NextDeadline(_stored.Workflow) is { } due)
        {
            var left = due - time.UtcNow();
            if (left < TimerHorizon)
            {
                var delay = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                _deadline = this.RegisterGrainTimer(
                    static (grain, _) => grain.Apply(new WorkflowEvent.TimePassed()), this, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan));
            }
        }
    }

    private async Task PerformOutbox()
    {
        while (await Stored() is { Workflow.State.Outbox: [var entry, ..] } stored)
        {
            try
            {
                await Perform(entry, stored);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _outboxFailures++;
                OutboxFailed(logger, entry.Kind, stored.Head.WorkflowId, OutboxPause(), e);
                await Postpone(stored);
                return;
            }

            _outboxFailures = 0;
        }
    }

    /// <summary>Moves <c>wake_at</c> ahead, so that an effect that keeps failing is tried at growing distance.</summary>
    private async Task Postpone(StoredWorkflow stored)
    {
        var head = stored.Head with { WakeAt = WakeAt(stored.Workflow, time.UtcNow()) };
        if (await TryCommit([new RowWrite.Update(new RowKey(RowKind.Workflow, Uuid), stored.HeadVersion, DocumentRows.Write(head))]))
        {
            _stored = stored with { Head = head, HeadVersion = stored.HeadVersion + 1 };
        }
    }

    private async Task Perform(OutboxEntry entry, StoredWorkflow stored)
    {
        switch (entry.Kind)
        {
            case OutboxKind.Archive:
                await Archive(entry, stored);
                break;
            case OutboxKind.Notify:
                // Notifications are off in this version's configuration, so the entry has nothing to send.
                await Apply(new WorkflowEvent.OutboxPerformed(entry.Id));
                break;
            default:
                throw new InvalidOperationException($"Outbox entry {entry.Id} has unknown kind {entry.Kind}.");
        }
    }

    private async Task Archive(OutboxEntry entry, StoredWorkflow stored)
    {
        var attempts = (await store.ReadPartition(RowKind.Task, Uuid)).Select(DocumentRows.Parse<TaskDocument>).ToList();
        var request = new LogArchive(
            stored.Head.WorkflowId,
            ClosingText(stored, (await configuration.Current()).Snapshot.Service.ServiceBaseUrl),
            [.. attempts.Select(task => new AttemptKey(task.Name, task.RetryId))],
            [.. attempts.Where(task => task.Status.HasErrorLogs).Select(task => new AttemptKey(task.Name, task.RetryId))]);
        await GrainFactory.GetGrain<IWorkflowLogGrain>(Uuid).Archive(request);
        await CommitArchived(entry);
    }

    /// <summary>The live rows of the log go in the same commit that says where to read from now on.</summary>
    private async Task CommitArchived(OutboxEntry entry)
    {
        if (await Stored() is not { } stored)
        {
            return;
        }

        var now = time.UtcNow();
        var change = WorkflowChange.Fold(stored.Workflow, [new WorkflowEvent.OutboxPerformed(entry.Id)], now);
        var (writes, next) = stored.Plan(change, WakeAt(change.Next, now), now);
        if (await TryCommit([.. writes, new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))]))
        {
            _stored = next;
        }
    }

    /// <summary>What a failed workflow's log ends with (contract: runtime-protocol §21.2).</summary>
    private static string ClosingText(StoredWorkflow stored, string serviceUrl)
    {
        if (stored.Head.Status == WorkflowStatus.Completed)
        {
            return "";
        }

        var dashes = new string('-', 100);
        return $"\n{dashes}\nWorkflow terminated abnormally, view task status at:\n{serviceUrl}/workflows/{stored.Head.WorkflowId}\n\n"
            + $"View task error logs at:\n{serviceUrl}/api/workflow/{stored.Head.WorkflowId}/error_logs\n{dashes}\n";
    }

    private static string ActionDocument(RuntimeAction action) => action switch
    {
        RuntimeAction.ReleaseBarrier => """{"action":"barrier"}""",
        RuntimeAction.Restart => """{"action":"restart"}""",
        _ => throw new JsonException($"{action.GetType().Name} is not an action a runtime knows."),
    };

    [LoggerMessage(2, LogLevel.Warning, "{Kind} of workflow {WorkflowId} failed; it is tried again in {Pause}.")]
    private static partial void OutboxFailed(ILogger logger, OutboxKind kind, string workflowId, TimeSpan pause, Exception error);
}
