using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Storage.State;

namespace Osmo.Gateway.Operators;

/// <summary>What happens to a job that was handed out, whatever the operator answers (contract: backend-protocol §7, §10.3).</summary>
internal sealed class WorkerJobs(
    IGrainFactory grains, ConfigurationCache configuration, OperatorLog log, OperatorMetrics metrics, TimeProvider time)
{
    /// <summary>Ends the id of every clean-up, which tells it apart before there is a document (contract: lifecycle §14).</summary>
    private const string CleanupIdSuffix = "backend-cleanup";

    /// <summary>
    /// Connections that may end over one job before it fails. With the pauses between them that is more than a quarter of an hour, so that
    /// a bad network fails nothing (contract: lifecycle §13, §25 no. 14).
    /// </summary>
    private const int BreaksMax = 20;

    private const string FailurePrefix = "Backend execution failed: ";

    public async Task Perform(
        string backend,
        string session,
        JobTicket ticket,
        JobSender sender,
        CancellationToken cancellation)
    {
        using var span = WorkflowTrace.Start(ticket.WorkflowUuid, "job")?.SetTag("osmo.job.id", ticket.JobId).SetTag("osmo.backend", backend);
        var hold = new JobHold(grains.GetGrain<IBackendGrain>(backend), session, ticket.JobId, time);
        await hold.While(working => Perform(backend, ticket, hold, sender, working), cancellation);
    }

    private async Task Perform(string backend, JobTicket ticket, JobHold hold, JobSender sender, CancellationToken cancellation)
    {
        if (ticket.Breaks >= BreaksMax && !IsCleanup(ticket))
        {
            var reason = $"Job {ticket.JobId} failed after retrying {ticket.Breaks} times: each time the connection to the operator ended before its answer.";
            await Fail(backend, ticket, hold, reason, cancellation);
            return;
        }

        var workflow = grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
        PreparedJob prepared;
        try
        {
            prepared = await Transient.Retry(() => workflow.PrepareJob(ticket.JobId, ticket.Order), cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && !Transient.Is(e))
        {
            await NotPrepared(backend, ticket, hold, e, cancellation);
            return;
        }

        if (prepared.IsMoot)
        {
            await hold.Close(cancellation);
            return;
        }

        var frame = WorkerFrame.EncodeJob(prepared.Document.Span);
        var isTooBig = frame.Length > BackendLimits.FrameBytesMax;
        if (prepared.Document.Length > BackendLimits.JobDocumentBytesMax || (isTooBig && !sender.AcceptsReference))
        {
            var tooBig = $"The message is too big: {prepared.Document.Length} bytes, {frame.Length} as a frame; "
                + $"allowed are {BackendLimits.JobDocumentBytesMax}, and {BackendLimits.FrameBytesMax} as a frame for an operator that fetches nothing.";
            await Fail(backend, ticket, hold, tooBig, cancellation);
            return;
        }

        if (!await hold.Confirm(cancellation))
        {
            return;
        }

        var started = time.GetTimestamp();
        var status = isTooBig
            ? await sender.SendText(ticket, WorkerFrame.EncodeReference(FramePath(backend, ticket)), cancellation)
            : await sender.SendBinary(ticket, frame, cancellation);
        metrics.JobEnded(backend, status.Status.ToString(), time.GetElapsedTime(started));
        switch (status.Status)
        {
            case JobOutcome.Success:
                await Transient.Retry(() => workflow.FinishJob(new(ticket.JobId, Succeeded: true, status.Message ?? "")), cancellation);
                await hold.Close(cancellation);
                break;
            case JobOutcome.FailedRetry:
                await PutBack(backend, ticket, hold, status.Message, cancellation);
                break;
            default:
                await Fail(backend, ticket, hold, FailurePrefix + status.Message, cancellation);
                break;
        }
    }

    /// <summary>The frame of a job that was sent by reference; null when the backend has no such job.</summary>
    public async Task<ReadOnlyMemory<byte>?> Frame(string backend, string workflowUuid, string jobId, CancellationToken cancellation)
    {
        var prepared = await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(workflowUuid).PrepareJob(jobId, order: null), cancellation);
        return prepared.IsMoot || !IsOf(backend, prepared) ? default(ReadOnlyMemory<byte>?) : WorkerFrame.EncodeJob(prepared.Document.Span);
    }

    private static string FramePath(string backend, JobTicket ticket) =>
        $"/api/agent/worker/backend/{Uri.EscapeDataString(backend)}/job/{ticket.WorkflowUuid}/{Uri.EscapeDataString(ticket.JobId)}";

    private static bool IsOf(string backend, PreparedJob job)
    {
        using var document = JsonDocument.Parse(job.Document);
        return document.RootElement.TryGetProperty("backend", out var name) && name.ValueEquals(backend);
    }

    /// <summary>A job that cannot be made would end one connection after the other if it were left to its holder. Of a failure of the storage it is innocent, and waits.</summary>
    private async Task NotPrepared(string backend, JobTicket ticket, JobHold hold, Exception error, CancellationToken cancellation)
    {
        log.NotPrepared(error, backend, ticket.JobId);
        if (IsCleanup(ticket) || StorageFailures.Find(error) is not null)
        {
            await hold.Return(cancellation);
            return;
        }

        await Fail(backend, ticket, hold, $"Job {ticket.JobId} could not be prepared: {error.Message}", cancellation);
    }

    /// <summary>
    /// Clean-up is tried for ever, with growing pauses: what it does not remove stays on the backend. Everything else ends after some
    /// tries.
    /// </summary>
    private async Task PutBack(string backend, JobTicket ticket, JobHold hold, string? message, CancellationToken cancellation)
    {
        log.JobFailed(backend, ticket.JobId, message ?? "");
        var returned = await hold.Return(cancellation);
        var returnsMax = (await configuration.Get(cancellation)).Snapshot.Workflow.MaxRetryPerJob;
        if (returned >= returnsMax && !IsCleanup(ticket))
        {
            await Fail(backend, ticket, hold, $"Job {ticket.JobId} failed after retrying {returned} times: {message}", cancellation);
        }
    }

    private async Task Fail(string backend, JobTicket ticket, JobHold hold, string message, CancellationToken cancellation)
    {
        log.JobFailed(backend, ticket.JobId, message);
        var workflow = grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
        await Transient.Retry(() => workflow.FinishJob(new(ticket.JobId, Succeeded: false, message)), cancellation);
        await hold.Close(cancellation);
    }

    private static bool IsCleanup(JobTicket ticket) => ticket.JobId.EndsWith(CleanupIdSuffix, StringComparison.Ordinal);
}

/// <summary>How a worker is sent a job, and its answer awaited.</summary>
/// <param name="AcceptsReference">Whether it fetches what does not fit into a frame.</param>
internal sealed record JobSender(
    bool AcceptsReference,
    Func<JobTicket, ReadOnlyMemory<byte>, CancellationToken, Task<BackendMessage.JobStatus>> SendBinary,
    Func<JobTicket, ReadOnlyMemory<byte>, CancellationToken, Task<BackendMessage.JobStatus>> SendText);
