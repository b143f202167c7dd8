using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>Work for the operator: made into documents when it is handed out, and closed by its result (contract: backend-protocol §10).</summary>
public sealed partial class WorkflowGrain
{
    private static readonly PreparedJob Moot = new(ReadOnlyMemory<byte>.Empty);

    public async Task<PreparedJob> PrepareJob(string jobId)
    {
        if (await Stored() is not { } stored || OpenJob(stored, jobId) is not { } job)
        {
            await DropRow(jobId);
            return Moot;
        }

        if (job is BackendJob.CleanupGroup { ErrorLogs: true })
        {
            await GrainFactory.GetGrain<IWorkflowLogGrain>(Uuid).ClearErrors(
                [.. stored.Workflow.Tasks.Values.Where(task => task.Group == job.Group).Select(task => new AttemptKey(task.Name, task.RetryId))]);
        }

        switch (await BuildDocument(stored, job))
        {
            case JobBuild.Built built:
                return new PreparedJob(built.Document);
            case JobBuild.Failed failed:
                JobNotBuilt(logger, jobId, failed.Message);
                await Apply(new WorkflowEvent.JobFailed(jobId, failed.Message));
                return Moot;
            default:
                throw new InvalidOperationException($"Job {jobId} was neither built nor refused.");
        }
    }

    public async Task FinishJob(JobResult result)
    {
        if (await Stored() is not null)
        {
            await Apply(result.Succeeded ? new WorkflowEvent.JobSucceeded(result.JobId) : new WorkflowEvent.JobFailed(result.JobId, result.Message));
        }
    }

    private async Task<JobBuild> BuildDocument(StoredWorkflow stored, BackendJob job)
    {
        var model = await configuration.Current();
        var inputs = new JobInputs(stored, model, await Namespace(stored.Workflow.Plan.Backend), renderer);
        if (job is BackendJob.CreateGroup or BackendJob.RescheduleTask)
        {
            var texts = await store.Read(new RowKey(RowKind.Spec, Uuid)) ?? throw new OrleansException($"The specification of workflow {Uuid} is missing.");
            var keys = await Keys();
            return JobBuilder.Build(inputs, job, DocumentRows.Parse<SpecDocument>(texts).Spec!, task => RefreshToken(keys, task.Uuid));
        }

        return JobBuilder.Build(inputs, job);
    }

    /// <summary>Where the backend's operator says that pods are to live.</summary>
    private async Task<string> Namespace(string backend) =>
        await store.Read(new RowKey(RowKind.Backend, backend)) is { } row ? DocumentRows.Parse<BackendDocument>(row).Namespace : "default";

    private static BackendJob? OpenJob(StoredWorkflow stored, string jobId) =>
        stored.Workflow.Groups.Values.SelectMany(group => group.OpenJobs).FirstOrDefault(job => job.JobId == jobId);

    /// <summary>A row without a job behind it would be handed out for ever.</summary>
    private async Task DropRow(string jobId)
    {
        if (_stored is { } stored)
        {
            await store.Commit([new RowWrite.Delete(new RowKey(RowKind.Job, stored.Workflow.Plan.Backend, jobId))]);
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "Job {JobId} cannot be built: {Reason}")]
    private static partial void JobNotBuilt(ILogger logger, string jobId, string reason);
}
