using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Backends;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>What follows a commit. All of it is repeated after a crash: jobs from their rows, outbox entries by <c>wake_at</c>, restarts from the attempts; the barrier is asked for again by the runtime.</summary>
public sealed partial class WorkflowGrain
{
    /// <summary>A deadline further away is left to <see cref="IWakeGrain"/>; this grain need not stay in memory for it.</summary>
    private static readonly TimeSpan TimerHorizon = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan OutboxRetryFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OutboxRetryMax = TimeSpan.FromMinutes(5);
    private const int OutboxDoublingsMax = 16;

    private IGrainTimer? _deadline;
    private DateTime? _deadlineAt;
    private IGrainTimer? _outboxRun;
    private int _outboxFailures;
    private DateTime _outboxNotBefore;

    /// <summary>The change is durable whatever happens here, and the caller is told so; what fails is made up for as said above.</summary>
    private async Task Act(WorkflowChange change, DateTime now)
    {
        ArmDeadline();
        StartOutbox(change.Next, now);
        if (!change.NewJobs.IsEmpty)
        {
            var tickets = change.OrderedJobs(now).Select(job => JobLanes.Ticket(Uuid, job.Job, job.Order)).ToImmutableArray();
            await Send("New jobs", () => GrainFactory.GetGrain<IBackendGrain>(change.Next.Plan.Backend).AddJobs(tickets));
        }

        foreach (var action in change.Actions)
        {
            await Push(action);
        }
    }

    private Task Push(RuntimeAction action) =>
        Send(action.GetType().Name, () => GrainFactory.GetGrain<ITaskGrain>($"{Uuid}/{action.Task}").Push(ActionOf(action)));

    private async Task Send(string what, Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or StateStoreException)
        {
            NotSent(logger, what, Uuid, e);
        }
    }

    /// <summary>In a turn of its own, so that whoever reported the end is not kept waiting for the archive.</summary>
    private void StartOutbox(Workflow workflow, DateTime now)
    {
        if (!workflow.State.Outbox.IsEmpty && now >= _outboxNotBefore)
        {
            _outboxRun ??= this.RegisterGrainTimer(RunOutbox, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        }
    }

    /// <summary>When <see cref="IWakeGrain"/> is to look after this workflow. Effects are performed at once; if that is lost in a crash, then.</summary>
    private DateTime? WakeAt(Workflow workflow, DateTime now)
    {
        var deadline = WorkflowMachine.NextDeadline(workflow);
        if (workflow.State.Outbox.IsEmpty)
        {
            return deadline;
        }

        var retry = now + OutboxRetryFirst;
        retry = retry > _outboxNotBefore ? retry : _outboxNotBefore;
        return deadline < retry ? deadline : retry;
    }

    private void ArmDeadline()
    {
        var due = _stored is null ? null : WorkflowMachine.NextDeadline(_stored.Workflow);
        if (due == _deadlineAt)
        {
            return;
        }

        _deadline?.Dispose();
        (_deadline, _deadlineAt) = (null, null);
        var left = due - time.UtcNow();
        if (left < TimerHorizon)
        {
            var delay = left > TimeSpan.Zero ? left.Value : TimeSpan.Zero;
            _deadline = this.RegisterGrainTimer(OnDeadline, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan));
            _deadlineAt = due;
        }
    }

    private async Task OnDeadline(CancellationToken cancellation)
    {
        _deadlineAt = null;
        await Wake();
    }

    private async Task RunOutbox(CancellationToken cancellation)
    {
        _outboxRun?.Dispose();
        _outboxRun = null;
        while (await Stored() is { Workflow.State.Outbox: [var entry, ..] } stored)
        {
            try
            {
                await Perform(entry, stored);
                _outboxFailures = 0;
            }
            catch (Exception e)
            {
                var pause = OutboxRetryFirst * Math.Pow(2, Math.Min(_outboxFailures++, OutboxDoublingsMax));
                pause = pause < OutboxRetryMax ? pause : OutboxRetryMax;
                OutboxFailed(logger, entry.Kind, stored.Head.WorkflowId, pause, e);
                await Postpone(pause);
                return;
            }
        }
    }

    /// <summary>Moves <c>wake_at</c> ahead, so that an effect that keeps failing is tried at growing distance.</summary>
    private async Task Postpone(TimeSpan pause)
    {
        var now = time.UtcNow();
        _outboxNotBefore = now + pause;
        if (await Stored() is { } stored)
        {
            var head = stored.Head with { WakeAt = WakeAt(stored.Workflow, now) };
            if (await TryCommit([new RowWrite.Update(new RowKey(RowKind.Workflow, Uuid), stored.HeadVersion, DocumentRows.Write(head))]))
            {
                _stored = stored with { Head = head, HeadVersion = stored.HeadVersion + 1 };
            }
        }
    }

    private async Task Perform(OutboxEntry entry, StoredWorkflow stored)
    {
        switch (entry.Kind)
        {
            case OutboxKind.Archive:
                await Archive(entry, stored);
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
        var stored = await Stored() ?? throw new OrleansException($"Workflow {Uuid} does not exist.");
        var now = time.UtcNow();
        var change = WorkflowChange.Fold(stored.Workflow, [new WorkflowEvent.OutboxPerformed(entry.Id)], now);
        var (writes, next) = stored.Plan(change, WakeAt(change.Next, now), now);
        if (!await TryCommit([.. writes, new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))]))
        {
            throw new OrleansException($"Workflow {Uuid} was changed elsewhere while it was archived.");
        }

        _stored = next;
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

    private static TaskAction ActionOf(RuntimeAction action) => action switch
    {
        RuntimeAction.ReleaseBarrier => new TaskAction(action.RetryId, """{"action":"barrier"}"""),
        RuntimeAction.Restart restart => new TaskAction(action.RetryId, $$"""{"action":"restart","key":"restart-{{restart.Number}}"}""") { Restart = restart.Number },
        _ => throw new InvalidOperationException($"{action.GetType().Name} is not an action a runtime knows."),
    };

    [LoggerMessage(4, LogLevel.Warning, "{What} of workflow {WorkflowUuid} could not be sent; they are found later.")]
    private static partial void NotSent(ILogger logger, string what, string workflowUuid, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "{Kind} of workflow {WorkflowId} failed; it is tried again in {Pause}.")]
    private static partial void OutboxFailed(ILogger logger, OutboxKind kind, string workflowId, TimeSpan pause, Exception error);
}
