namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The lifecycle of a workflow as a pure function: state and event in, next state and work to do out (contract: lifecycle).
/// It reads no clock and does no I/O; the same input always gives the same output. Times are UTC.
/// </summary>
public static class WorkflowMachine
{
    /// <summary>
    /// The state right after submit: every part is new, and groups that wait for none are already on their way to the backend.
    /// </summary>
    /// <exception cref="ArgumentException">The plan names a group or task twice, or a group has no single lead.</exception>
    public static Transition Start(WorkflowPlan plan, DateTime now) => Submission.Start(plan, now);

    /// <summary>
    /// What an event does. It answers for every event in every state; what no longer applies changes nothing, so any event may come
    /// twice, late or never.
    /// </summary>
    public static Transition Apply(Workflow workflow, WorkflowEvent @event, DateTime now)
    {
        var change = new TransitionBuilder(workflow, now);
        Dispatch(change, @event, now);
        Dependencies.Propagate(change);
        WorkflowProgress.Update(change);
        return change.Build();
    }

    /// <summary>A finished workflow can only be cancelled by force, which cleans up once more (contract: lifecycle §16).</summary>
    public static bool CanCancel(Workflow workflow, bool force) => Cancel.IsAllowed(workflow.State, force);

    /// <summary>
    /// When <see cref="WorkflowEvent.TimePassed"/> will next have an effect; null when no limit runs. It follows from the state.
    /// </summary>
    public static DateTime? NextDeadline(Workflow workflow) => Deadlines.Next(workflow);

    /// <summary>
    /// True when every live task of the group is at its barrier or past it: a member that still waits is to be released (contract:
    /// runtime-protocol §8).
    /// </summary>
    public static bool IsBarrierOpen(Workflow workflow, string group) =>
        Barrier.IsOpen(workflow.Index.Group(group), name => workflow.Tasks[name]);

    private static void Dispatch(TransitionBuilder change, WorkflowEvent @event, DateTime now)
    {
        switch (@event)
        {
            case WorkflowEvent.PodReported report:
                PodReport.Apply(change, report);
                break;
            case WorkflowEvent.PodStarting sign:
                Deadlines.PodStarting(change, sign);
                break;
            case WorkflowEvent.GroupBuilt built:
                Cleanup.Remember(change, built);
                break;
            case WorkflowEvent.LeftoverSeen seen:
                Cleanup.LeftoverSeen(change, seen);
                break;
            case WorkflowEvent.JobSucceeded result:
                JobResults.Succeeded(change, result);
                break;
            case WorkflowEvent.JobFailed result:
                JobResults.Failed(change, result);
                break;
            case WorkflowEvent.CancelRequested request:
                Cancel.Apply(change, request);
                break;
            case WorkflowEvent.TimePassed:
                Deadlines.Apply(change, now);
                break;
            case WorkflowEvent.NodeRemoved removal:
                NodeRemoval.Apply(change, removal);
                break;
            case WorkflowEvent.BackendRemoved:
                BackendRemoval.Apply(change);
                break;
            case WorkflowEvent.BarrierReached reached:
                Barrier.Reached(change, reached);
                break;
            case WorkflowEvent.RestartSent sent:
                Restarts.Sent(change, sent);
                break;
            case WorkflowEvent.TransferMeasured measured:
                TransferMeasurement.Apply(change, measured);
                break;
            case WorkflowEvent.EndAnnounced announced:
                Outbox.Announce(change, announced);
                break;
            case WorkflowEvent.OutboxPerformed performed:
                Outbox.Performed(change, performed);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(@event), @event.GetType().Name, "Unknown event.");
        }
    }
}
