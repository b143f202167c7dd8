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

    /// <summary>A server of somebody else may be as slow as this; the workflow's other effects wait meanwhile.</summary>
    private static readonly TimeSpan NotificationCallTime = TimeSpan.FromSeconds(5);

    /// <summary>Those that wait until <see cref="_outboxNotBefore"/>; others need not.</summary>
    private readonly HashSet<string> _outboxFailed = new(StringComparer.Ordinal);

    /// <summary>What is still to be struck off.</summary>
    private readonly List<PerformedEffect> _performed = [];

    private IGrainTimer? _outboxRun;
    private int _outboxFailures;
    private DateTime _outboxNotBefore;

    /// <summary>From the start of one try to the next, so that an effect that keeps failing is tried at growing distance.</summary>
    private TimeSpan OutboxPause
    {
        get
        {
            var pause = OutboxRetryFirst * Math.Pow(2, Math.Min(_outboxFailures, OutboxDoublingsMax));
            return pause < OutboxRetryMax ? pause : OutboxRetryMax;
        }
    }

    /// <summary>
    /// Beside the calls of this grain: effects wait for servers of others, and neither whoever reports something nor the watch over all deadlines is to wait for those.
    /// </summary>
    private void StartOutbox(Workflow workflow, DateTime now)
    {
        if (_outboxRun is not null || workflow.State.Outbox.IsEmpty)
        {
            return;
        }

        if (now >= _outboxNotBefore)
        {
            _outboxFailed.Clear();
            _outboxNotBefore = now + OutboxPause;
        }

        if (workflow.State.Outbox.Any(IsOpen))
        {
            _outboxRun = this.RegisterGrainTimer(
                RunOutbox, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true, Interleave = true });
        }
    }

    private bool IsOpen(OutboxEntry entry) => !_outboxFailed.Contains(entry.Id) && !_performed.Exists(effect => effect.Entry.Id == entry.Id);

    /// <summary>An effect that fails keeps none of the others from being performed. As calls come in between, this changes no row: what it has done is struck off in a turn of its own.</summary>
    private async Task RunOutbox(CancellationToken cancellation)
    {
        var hasFailed = false;
        try
        {
            while ((_stored ?? await StoredWorkflow.Read(store, Uuid)) is { } stored && stored.Workflow.State.Outbox.FirstOrDefault(IsOpen) is { } entry)
            {
                try
                {
                    _performed.Add(await Perform(entry, stored));
                    _ = AskToSettle();
                }
                catch (Exception e)
                {
                    hasFailed = _outboxFailed.Add(entry.Id);
                    OutboxFailed(logger, entry.Kind, stored.Head.WorkflowId, _outboxNotBefore, e);
                }
            }
        }
        finally
        {
            _outboxRun?.Dispose();
            _outboxRun = null;
        }

        _outboxFailures = hasFailed ? _outboxFailures + 1 : _outboxFailed.Count == 0 ? 0 : _outboxFailures;
    }

    /// <summary>
    /// Nobody waits for the turn: a grain that is being deactivated waits for its effects, and takes no turns any more. If there is none, the watch over deadlines asks for one.
    /// </summary>
    private async Task AskToSettle()
    {
        try
        {
            await GrainFactory.GetGrain<IWorkflowGrain>(Uuid).Wake();
        }
        catch (Exception e)
        {
            NotSettled(logger, Uuid, e);
        }
    }

    /// <summary>Strikes off what was performed. Whatever else is open, <c>wake_at</c> lies ahead from now on: <see cref="IWakeGrain"/> is not to come back before there may be something to do.</summary>
    private async Task SettleOutbox()
    {
        var now = time.UtcNow();
        var performed = _performed.ToArray();
        if (await Stored() is not { } stored || (performed.Length == 0 && !(stored.Head.WakeAt <= now)))
        {
            return;
        }

        var change = WorkflowChange.Fold(stored.Workflow, performed.Select(effect => new WorkflowEvent.OutboxPerformed(effect.Entry.Id)), now);
        var logsFrom = performed.Select(effect => effect.LogsFrom).FirstOrDefault(from => from is not null);
        stored = stored with { Head = stored.Head with { LogsFrom = logsFrom ?? stored.Head.LogsFrom } };
        var (writes, next) = stored.Plan(change, WakeAt(change.Next, now), now);
        if (!await TryCommit([.. writes, .. performed.SelectMany(effect => effect.Writes)]))
        {
            throw new OrleansException($"Workflow {Uuid} was changed elsewhere while its effects were struck off.");
        }

        _stored = next;
        _performed.RemoveAll(performed.Contains);
    }

    private Task<PerformedEffect> Perform(OutboxEntry entry, StoredWorkflow stored) => entry.Kind switch
    {
        OutboxKind.Archive => Archive(entry, stored),
        OutboxKind.Mail or OutboxKind.Slack => Notify(entry, stored),
        _ => throw new InvalidOperationException($"Outbox entry {entry.Id} has unknown kind {entry.Kind}."),
    };

    private async Task<PerformedEffect> Archive(OutboxEntry entry, StoredWorkflow stored)
    {
        var attempts = await Attempts(stored.Workflow);
        var request = new LogArchive(
            stored.Head.WorkflowId,
            ClosingText(stored, (await configuration.Current()).Snapshot.Service.ServiceBaseUrl),
            [.. attempts.Select(attempt => attempt.Key)],
            [.. attempts.Where(attempt => attempt.Status.HasErrorLogs).Select(attempt => attempt.Key)]);
        var first = await GrainFactory.GetGrain<IWorkflowLogGrain>(Uuid).Archive(request);

        // The live rows of the log go in the same commit that says where to read from now on.
        return new PerformedEffect(entry, [new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))], first > 1 ? first : null);
    }

    /// <summary>Of all tasks; rows are read only where there is an attempt before the latest.</summary>
    private async ValueTask<IReadOnlyList<(AttemptKey Key, TaskGroupStatus Status)>> Attempts(Workflow workflow) =>
        workflow.Tasks.Values.All(task => task.RetryId == 0)
            ? [.. workflow.Tasks.Values.Select(task => (new AttemptKey(task.Name, task.RetryId), task.Status))]
            : [.. (await store.ReadPartition(RowKind.Task, Uuid)).Select(DocumentRows.Parse<TaskDocument>).Select(task => (new AttemptKey(task.Name, task.RetryId), task.Status))];

    /// <summary>Once more after a crash or a failure, under the same id; what is not delivered in time is given up.</summary>
    private async Task<PerformedEffect> Notify(OutboxEntry entry, StoredWorkflow stored)
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

        return new PerformedEffect(entry, [], null);
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

    [LoggerMessage(7, LogLevel.Debug, "The effects of workflow {Uuid} were performed and not struck off; that comes with the next look at it.")]
    private static partial void NotSettled(ILogger logger, string uuid, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "{Kind} of workflow {WorkflowId} failed; it is tried again, not before {NotBefore:O}.")]
    private static partial void OutboxFailed(ILogger logger, OutboxKind kind, string workflowId, DateTime notBefore, Exception error);

    [LoggerMessage(6, LogLevel.Warning, "{Kind} about the end of workflow {WorkflowId} was given up: {Reason}")]
    private static partial void NotificationDropped(ILogger logger, OutboxKind kind, string workflowId, string reason);

    /// <param name="Writes">For the commit that strikes it off.</param>
    /// <param name="LogsFrom">Known with the archive.</param>
    private sealed record PerformedEffect(OutboxEntry Entry, ImmutableArray<RowWrite> Writes, long? LogsFrom);
}
