using Microsoft.Extensions.Logging;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Grains.Workflows;

/// <summary>Work for the operator: made into documents when it is handed out, and closed by its result (contract: backend-protocol §10).</summary>
public sealed partial class WorkflowGrain
{
    private static readonly PreparedJob Moot = new(ReadOnlyMemory<byte>.Empty);

    private WorkflowSpec? _spec;

    public async Task<PreparedJob> PrepareJob(string jobId, long? order)
    {
        if (await FindOpenJob(jobId) is not { } job)
        {
            await DropRow(jobId);
            return Moot;
        }

        switch (await BuildDocument(job))
        {
            case JobBuild.Built built:
                // Remembered before the operator can create the first of them.
                await Apply(new WorkflowEvent.GroupBuilt(job.Group, built.BroughtIn));
                if (order is { } place && job is BackendJob.CreateGroup or BackendJob.RescheduleTask)
                {
                    await Remember(new JobDocument(_stored!.Workflow.Plan.Backend, Uuid, place, job) { HandedOut = true });
                }

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

    private async Task<JobBuild> BuildDocument(BackendJob job)
    {
        var stored = _stored!;
        var model = await configuration.Current();
        var inputs = new JobInputs(stored, model, renderer);
        if (job is not (BackendJob.CreateGroup or BackendJob.RescheduleTask))
        {
            return Built(job, () => JobBuilder.Build(inputs, job));
        }

        var readSpec = Spec(stored.Workflow);
        var readNamespace = Namespace(stored.Workflow.Plan.Backend);
        var (specification, podNamespace, keys) = (await readSpec, await readNamespace, await Keys());
        return Built(job, () => specification is { } spec
            ? JobBuilder.Build(inputs, job, spec, podNamespace, task => RefreshToken(keys, task.Uuid))
            : new JobBuild.Failed("The specification of the workflow is missing."));
    }

    /// <summary>Null when it is missing. Remembered while groups wait for others: each of them will need it.</summary>
    private async Task<WorkflowSpec?> Spec(Workflow workflow)
    {
        var spec = _spec;
        if (spec is null && await store.Read(new RowKey(RowKind.Spec, Uuid)) is { } row)
        {
            spec = DocumentRows.Parse<SpecDocument>(row).Spec;
        }

        _spec = workflow.Groups.Values.Any(group => group.Status == TaskGroupStatus.Waiting) ? spec : null;
        return spec;
    }

    private JobBuild Built(BackendJob job, Func<JobBuild> build)
    {
        try
        {
            return build();
        }
        catch (Exception e)
        {
            // Building is a pure function: it would fail again, and the group's later jobs would wait for this one for ever.
            JobBuildThrew(logger, job.JobId, e);
            return new JobBuild.Failed($"The objects could not be built: {e.Message}");
        }
    }

    /// <summary>Where the backend's operator says that pods are to live.</summary>
    private async Task<string> Namespace(string backend) =>
        await store.Read(new RowKey(RowKind.Backend, backend)) is { } row ? DocumentRows.Parse<BackendDocument>(row).Namespace : "default";

    /// <summary>Null only when the job is not open by what is stored: another activation may have opened it.</summary>
    private async Task<BackendJob?> FindOpenJob(string jobId)
    {
        if (OpenJob(await Stored(), jobId) is { } known)
        {
            return known;
        }

        _stored = null;
        return OpenJob(await Stored(), jobId);
    }

    private static BackendJob? OpenJob(StoredWorkflow? stored, string jobId) =>
        stored?.Workflow.Groups.Values.SelectMany(group => group.OpenJobs).FirstOrDefault(job => job.JobId == jobId);

    private Task<CommitOutcome> Remember(JobDocument job) => store.Commit([new RowWrite.Put(new RowKey(RowKind.Job, job.Backend, job.Job.JobId), DocumentRows.Write(job))]);

    /// <summary>A row without a job behind it would be handed out for ever. Ids are not used twice, so it can go.</summary>
    private async Task DropRow(string jobId)
    {
        if (_stored is { } stored)
        {
            await store.Commit([new RowWrite.Delete(new RowKey(RowKind.Job, stored.Workflow.Plan.Backend, jobId))]);
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "Job {JobId} cannot be built: {Reason}")]
    private static partial void JobNotBuilt(ILogger logger, string jobId, string reason);

    [LoggerMessage(5, LogLevel.Error, "Job {JobId} cannot be built because of a fault in the configuration or in this program.")]
    private static partial void JobBuildThrew(ILogger logger, string jobId, Exception error);
}
