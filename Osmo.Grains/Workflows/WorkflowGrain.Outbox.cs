using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Notifications;

namespace Osmo.Grains.Workflows;

/// <summary>Effects that are entries in the head: the archive, notifications. Each is performed until it succeeds, and then struck off.</summary>
public sealed partial class WorkflowGrain
{
    private static readonly TimeSpan OutboxRetryFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OutboxRetryMax = TimeSpan.FromMinutes(5);
    private const int OutboxDoublingsMax = 16;

    /// <summary>From the end of the workflow; later nobody wants to hear of it.</summary>
    private static readonly TimeSpan NotificationTime = TimeSpan.FromHours(1);

    /// <summary>A server of somebody else may be as slow as this; the workflow does nothing else meanwhile.</summary>
    private static readonly TimeSpan NotificationCallTime = TimeSpan.FromSeconds(5);

    /// <summary>Those that wait until <see cref="_outboxNotBefore"/>; others need not.</summary>
    private readonly HashSet<string> _outboxFailed = new(StringComparer.Ordinal);
    private IGrainTimer? _outboxRun;
    private int _outboxFailures;
    private DateTime _outboxNotBefore;

    /// <summary>In a turn of its own, so that whoever reported the end is not kept waiting for the archive.</summary>
    private void StartOutbox(Workflow workflow, DateTime now)
    {
        if (workflow.State.Outbox.Any(entry => now >= _outboxNotBefore || !_outboxFailed.Contains(entry.Id)))
        {
            _outboxRun ??= this.RegisterGrainTimer(RunOutbox, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        }
    }

    /// <summary>An effect that fails keeps none of the others from being performed.</summary>
    private async Task RunOutbox(CancellationToken cancellation)
    {
        _outboxRun?.Dispose();
        _outboxRun = null;
        if (time.UtcNow() >= _outboxNotBefore)
        {
            _outboxFailed.Clear();
        }

        var pause = OutboxRetryFirst * Math.Pow(2, Math.Min(_outboxFailures, OutboxDoublingsMax));
        pause = pause < OutboxRetryMax ? pause : OutboxRetryMax;
        var hasFailed = false;
        while (await Stored() is { } stored && stored.Workflow.State.Outbox.FirstOrDefault(entry => !_outboxFailed.Contains(entry.Id)) is { } entry)
        {
            try
            {
                await Perform(entry, stored);
            }
            catch (Exception e)
            {
                hasFailed = _outboxFailed.Add(entry.Id);
                OutboxFailed(logger, entry.Kind, stored.Head.WorkflowId, pause, e);
            }
        }

        if (hasFailed)
        {
            _outboxFailures++;
            await Postpone(pause);
        }
        else if (_outboxFailed.Count == 0)
        {
            _outboxFailures = 0;
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
            case OutboxKind.Mail or OutboxKind.Slack:
                await Notify(entry, stored);
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
        var first = await GrainFactory.GetGrain<IWorkflowLogGrain>(Uuid).Archive(request);

        // The live rows of the log go in the same commit that says where to read from now on.
        await StrikeOff(entry, [new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))], first > 1 ? first : null);
    }

    /// <summary>Once more after a crash or a failure, under the same id; what is not delivered in time is given up.</summary>
    private async Task Notify(OutboxEntry entry, StoredWorkflow stored)
    {
        var settings = (await configuration.Current()).Snapshot;
        var profile = await GrainFactory.GetGrain<IProfileGrain>(stored.Head.User).Get();
        var isWanted = entry.Kind == OutboxKind.Mail ? profile.EmailNotification : profile.SlackNotification;
        var isLate = time.UtcNow() > stored.Head.EndTime + NotificationTime;
        var refusal = isLate ? $"it could not be delivered within {NotificationTime}" : null;
        if (isWanted && !isLate && Notification.Of(entry, stored.Head, settings.Service.ServiceBaseUrl) is { } notification)
        {
            using var patience = new CancellationTokenSource(NotificationCallTime, time);
            refusal = await notifier.Send(notification, settings.Workflow.WorkflowAlerts, patience.Token);
        }

        if (refusal is not null)
        {
            NotificationDropped(logger, entry.Kind, stored.Head.WorkflowId, refusal);
        }

        await StrikeOff(entry, []);
    }

    /// <param name="logsFrom">Known with the archive.</param>
    private async Task StrikeOff(OutboxEntry entry, ImmutableArray<RowWrite> more, long? logsFrom = null)
    {
        var stored = await Stored() ?? throw new OrleansException($"Workflow {Uuid} does not exist.");
        var now = time.UtcNow();
        var change = WorkflowChange.Fold(stored.Workflow, [new WorkflowEvent.OutboxPerformed(entry.Id)], now);
        stored = stored with { Head = stored.Head with { LogsFrom = logsFrom ?? stored.Head.LogsFrom } };
        var (writes, next) = stored.Plan(change, WakeAt(change.Next, now), now);
        if (!await TryCommit([.. writes, .. more]))
        {
            throw new OrleansException($"Workflow {Uuid} was changed elsewhere while {entry.Kind} was performed.");
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

    [LoggerMessage(2, LogLevel.Warning, "{Kind} of workflow {WorkflowId} failed; it is tried again in {Pause}.")]
    private static partial void OutboxFailed(ILogger logger, OutboxKind kind, string workflowId, TimeSpan pause, Exception error);

    [LoggerMessage(6, LogLevel.Warning, "{Kind} about the end of workflow {WorkflowId} was given up: {Reason}")]
    private static partial void NotificationDropped(ILogger logger, OutboxKind kind, string workflowId, string reason);
}
