namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// What the operator answered to a job (contract: lifecycle §14). Results of jobs that are not open any more change nothing.
/// </summary>
internal static class JobResults
{
    public static void Succeeded(TransitionBuilder change, WorkflowEvent.JobSucceeded result)
    {
        if (Close(change, result.JobId) is BackendJob.CleanupGroup cleanup)
            change.Set(change.Group(cleanup.Group) with { CleanedUp = true, CleanupFailure = null, CleanupEndTime = change.Now });
    }

    public static void Failed(TransitionBuilder change, WorkflowEvent.JobFailed result)
    {
        switch (Close(change, result.JobId))
        {
            case BackendJob.CreateGroup create:
                CreateGroupFailed(change, change.Index.Group(create.Group), result.Message);
                break;
            case BackendJob.RescheduleTask reschedule:
                RescheduleTaskFailed(change, reschedule, result.Message);
                break;
            case BackendJob.CleanupGroup cleanup:
                change.Set(change.Group(cleanup.Group) with { CleanupFailure = result.Message, CleanupEndTime = change.Now });
                break;
            case BackendJob.LabelNode or null:
                break;
        }
    }

    /// <summary>
    /// A group whose pods have all been seen was created, whatever became of the answer. A first attempt without a pod is proof of the
    /// contrary, and nothing else would ever end it.
    /// </summary>
    private static void CreateGroupFailed(TransitionBuilder change, GroupPlan group, string error)
    {
        var incomplete = group.Tasks.Any(task => change.Task(task.Name) is { RetryId: 0, Status.IsPrescheduling: true });
        if (incomplete)
            GroupProgress.EndAll(change, group, Endings.CreateGroupFailed(error));
    }

    /// <summary>The same for one pod; exit actions may try once more.</summary>
    private static void RescheduleTaskFailed(TransitionBuilder change, BackendJob.RescheduleTask job, string error)
    {
        if (Attempts.TryFindLive(change, job.Task, job.RetryId, out var group, out var task, out var attempt)
            && attempt.Status.IsPrescheduling)
            Attempts.End(change, group, task, Endings.RescheduleTaskFailed(error));
    }

    private static BackendJob? Close(TransitionBuilder change, string jobId)
    {
        foreach (var group in change.Plan.Groups)
        {
            foreach (var job in change.Group(group.Name).OpenJobs)
            {
                if (job.JobId != jobId)
                    continue;

                change.CloseJobs(group.Name, open => open.JobId == jobId);
                return job;
            }
        }

        return null;
    }
}
