using Osmo.Grains.Interfaces;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Backends;

/// <summary>Which jobs wait for each other: those of one group; marking a node waits for none (see <see cref="BackendJob"/>). Which go first: those for which others wait.</summary>
internal static class JobLanes
{
    public static JobTicket Ticket(string workflowUuid, BackendJob job, long order) =>
        new(job.JobId, workflowUuid, job is BackendJob.LabelNode ? job.JobId : $"{workflowUuid}/{job.Group}", order)
        {
            // The rest of its group runs already, and waits for it.
            IsUrgent = job is BackendJob.RescheduleTask,
        };
}
