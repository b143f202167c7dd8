namespace Osmo.Workflows.Lifecycle;

/// <summary>The sets of statuses that the rules are written in (contract: lifecycle §2.1).</summary>
public static class TaskGroupStatusPredicates
{
    extension(TaskGroupStatus status)
    {
        /// <summary>Over for this attempt, one way or the other.</summary>
        public bool IsFinished => status >= TaskGroupStatus.Completed;

        /// <summary>Over for good: no other attempt follows.</summary>
        public bool IsGroupFinished => status.IsFinished && status != TaskGroupStatus.Rescheduled;

        public bool IsFailed => status >= TaskGroupStatus.Failed;

        /// <summary>No pod has been seen.</summary>
        public bool IsPrescheduling => status is TaskGroupStatus.Submitting or TaskGroupStatus.Waiting or TaskGroupStatus.Processing;

        public bool IsInQueue => status.IsPrescheduling || status == TaskGroupStatus.Scheduling;

        public bool IsPrerunning => status.IsInQueue || status == TaskGroupStatus.Initializing;

        /// <summary>Ended by a decision about the whole group: a user's cancel or a limit.</summary>
        public bool IsCanceled => status is TaskGroupStatus.FailedCanceled or TaskGroupStatus.FailedExecTimeout
            or TaskGroupStatus.FailedQueueTimeout;

        /// <summary>The containers' last lines are worth collecting before the pod goes.</summary>
        public bool HasErrorLogs => status is TaskGroupStatus.Rescheduled or TaskGroupStatus.Failed or TaskGroupStatus.FailedBackendError
            or TaskGroupStatus.FailedStartTimeout or TaskGroupStatus.FailedPreempted;

        /// <summary>Counts against a user's limit of ongoing tasks. Replaced attempts do not: their successors do.</summary>
        public bool IsAlive => !status.IsFinished;

        /// <summary>A pod is on the backend and has not ended.</summary>
        public bool IsOnBackend => status is TaskGroupStatus.Scheduling or TaskGroupStatus.Initializing or TaskGroupStatus.Running;
    }
}

/// <summary>The same of a workflow (contract: lifecycle §2.2).</summary>
public static class WorkflowStatusPredicates
{
    extension(WorkflowStatus status)
    {
        public bool IsFinished => status >= WorkflowStatus.Completed;

        public bool IsFailed => status >= WorkflowStatus.Failed;

        public bool IsAlive => !status.IsFinished;
    }
}
