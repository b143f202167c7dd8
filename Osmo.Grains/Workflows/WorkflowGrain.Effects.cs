using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Backends;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>What follows a commit. All of it is repeated after a crash: jobs from their rows, outbox entries by <c>wake_at</c>, restarts from the attempts; the barrier is asked for again by the runtime.</summary>
public sealed partial class WorkflowGrain
{
    /// <summary>A deadline further away is left to <see cref="IWakeGrain"/>; this grain need not stay in memory for it.</summary>
    private static readonly TimeSpan TimerHorizon = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);

    private IGrainTimer? _deadline;
    private DateTime? _deadlineAt;

    /// <summary>The change is durable whatever happens here, and the caller is told so; what fails is made up for as said above.</summary>
    private async Task Act(WorkflowChange change, DateTime now)
    {
        if (!change.IsEmpty)
        {
            ArmDeadline();
        }

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

    /// <summary>When <see cref="IWakeGrain"/> is to look after this workflow. Effects are performed at once; if that is lost in a crash, then.</summary>
    private DateTime? WakeAt(Workflow workflow, DateTime now)
    {
        var deadline = WorkflowMachine.NextDeadline(workflow);
        if (workflow.State.Outbox.IsEmpty)
        {
            return deadline;
        }

        var retry = now + OutboxPause;
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
            var delay = left > ShortestDelay ? left.Value : ShortestDelay;
            _deadline = this.RegisterGrainTimer(OnDeadline, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan));
            _deadlineAt = due;
        }
    }

    /// <summary>A timer's clock is not the wall's: the deadline may be a moment away still, and then nothing changes but the timer.</summary>
    private async Task OnDeadline(CancellationToken cancellation)
    {
        _deadlineAt = null;
        await Wake();
        ArmDeadline();
    }

    private static TaskAction ActionOf(RuntimeAction action) => action switch
    {
        RuntimeAction.ReleaseBarrier => TaskAction.Barrier(action.RetryId),
        RuntimeAction.Restart restart => new TaskAction(action.RetryId, $$"""{"action":"restart","key":"restart-{{restart.Number}}"}""") { Restart = restart.Number },
        _ => throw new InvalidOperationException($"{action.GetType().Name} is not an action a runtime knows."),
    };

    [LoggerMessage(4, LogLevel.Warning, "{What} of workflow {WorkflowUuid} could not be sent; they are found later.")]
    private static partial void NotSent(ILogger logger, string what, string workflowUuid, Exception error);
}
