using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>What happens to a job that was handed out, whatever the operator answers (contract: backend-protocol §7, §10.3).</summary>
internal sealed class WorkerJobs(
    IGrainFactory grains, ConfigurationCache configuration, OperatorLog log, OperatorMetrics metrics, TimeProvider time)
{
    private const string CleanupJob = "CleanupGroup";

    /// <summary>Ends the id of every clean-up, which tells it apart before there is a document (contract: lifecycle §14).</summary>
    private const string CleanupIdSuffix = "backend-cleanup";

    private const string FailurePrefix = "Backend execution failed: ";

    public async Task Perform(
        string backend,
        string session,
        JobTicket ticket,
        Func<JobTicket, ReadOnlyMemory<byte>, CancellationToken, Task<BackendMessage.JobStatus>> execute,
        CancellationToken cancellation)
    {
        var workflow = grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
        PreparedJob prepared;
        try
        {
            prepared = await Transient.Retry(() => workflow.PrepareJob(ticket.JobId), cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && !Transient.Is(e))
        {
            await NotPrepared(backend, session, ticket, e, cancellation);
            return;
        }

        if (prepared.IsMoot)
        {
            await Close(backend, session, ticket, cancellation);
            return;
        }

        var frame = WorkerFrame.EncodeJob(prepared.Document.Span);
        if (frame.Length > BackendLimits.FrameBytesMax)
        {
            var tooBig = $"The message is too big: {frame.Length} bytes, allowed are {BackendLimits.FrameBytesMax}.";
            await Fail(backend, session, ticket, tooBig, cancellation);
            return;
        }

        var started = time.GetTimestamp();
        var status = await execute(ticket, frame, cancellation);
        metrics.JobEnded(backend, status.Status.ToString(), time.GetElapsedTime(started));
        switch (status.Status)
        {
            case JobOutcome.Success:
                await Transient.Retry(() => workflow.FinishJob(new(ticket.JobId, Succeeded: true, status.Message ?? "")), cancellation);
                await Close(backend, session, ticket, cancellation);
                break;
            case JobOutcome.FailedRetry:
                await PutBack(backend, session, ticket, prepared, status.Message, cancellation);
                break;
            default:
                await Fail(backend, session, ticket, FailurePrefix + status.Message, cancellation);
                break;
        }
    }

    /// <summary>A job that cannot be made would end one connection after the other if it were left to its holder.</summary>
    private async Task NotPrepared(string backend, string session, JobTicket ticket, Exception error, CancellationToken cancellation)
    {
        log.NotPrepared(error, backend, ticket.JobId);
        if (ticket.JobId.EndsWith(CleanupIdSuffix, StringComparison.Ordinal))
        {
            await Transient.Retry(() => grains.GetGrain<IBackendGrain>(backend).ReturnJob(session, ticket.JobId), cancellation);
            return;
        }

        var reason = StorageFailures.Find(error) is null ? error.Message : StorageFailures.Failed;
        await Fail(backend, session, ticket, $"Job {ticket.JobId} could not be prepared: {reason}", cancellation);
    }

    /// <summary>
    /// Clean-up is tried for ever, with growing pauses: what it does not remove stays on the backend. Everything else ends after some
    /// tries.
    /// </summary>
    private async Task PutBack(
        string backend, string session, JobTicket ticket, PreparedJob prepared, string? message, CancellationToken cancellation)
    {
        log.JobFailed(backend, ticket.JobId, message ?? "");
        var handedOut = await Transient.Retry(() => grains.GetGrain<IBackendGrain>(backend).ReturnJob(session, ticket.JobId), cancellation);
        var handOutsMax = (await configuration.Get(cancellation)).Snapshot.Workflow.MaxRetryPerJob;
        if (handedOut >= handOutsMax && !IsCleanup(prepared))
        {
            await Fail(backend, session, ticket, $"Job {ticket.JobId} failed after retrying {handedOut} times: {message}", cancellation);
        }
    }

    private async Task Fail(string backend, string session, JobTicket ticket, string message, CancellationToken cancellation)
    {
        log.JobFailed(backend, ticket.JobId, message);
        var workflow = grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
        await Transient.Retry(() => workflow.FinishJob(new(ticket.JobId, Succeeded: false, message)), cancellation);
        await Close(backend, session, ticket, cancellation);
    }

    private Task Close(string backend, string session, JobTicket ticket, CancellationToken cancellation) =>
        Transient.Retry(() => grains.GetGrain<IBackendGrain>(backend).CloseJob(session, ticket.JobId), cancellation);

    private static bool IsCleanup(PreparedJob job)
    {
        using var document = JsonDocument.Parse(job.Document);
        return document.RootElement.TryGetProperty("job_type", out var type) && type.ValueEquals(CleanupJob);
    }
}
