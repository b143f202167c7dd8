using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Connection;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>
/// Receives jobs, executes one at a time on each connection, and tells how each ended (contract: backend-protocol §7). One connection is all that most control planes allow; more are opened
/// where the answer to the first one says that jobs of a group are handed out one after the other.
/// A job belongs to the connection it came on: when that breaks, the job is abandoned between two requests, for the control
/// plane sends it again; so no result is ever credited to another job.
/// </summary>
internal sealed partial class BackendWorker(
    BackendOperatorOptions options,
    JobExecutor executor,
    ServiceConnector connector,
    OperatorMetrics metrics,
    TimeProvider time,
    ILogger<BackendWorker> logger)
{
    /// <summary>Jobs that wait; the protocol has one in flight, so more is a control plane gone astray.</summary>
    internal const int WaitingJobsMax = 16;

    /// <summary>Without any frame for this long the connection is taken for dead; heartbeats come every minute.</summary>
    internal static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(300);

    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(1);

    private readonly ConnectionAllowance _allowed = new();

    /// <summary>Serves until cancelled.</summary>
    public Task RunAsync(BackendMessage.Init init, CancellationToken cancellation) => Loops.RunAsync(
        [.. Enumerable.Range(1, options.ParallelJobs).Select(lane => (Func<CancellationToken, Task>)(token => RunAsync(lane, init, token)))],
        cancellation);

    private async Task RunAsync(int lane, BackendMessage.Init init, CancellationToken cancellation)
    {
        var delay = new ReconnectDelay(options.ServiceUrl, time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _allowed.WaitAsync(lane, cancellation);
                using var socket = await connector.ConnectAsync("worker", BackendLimits.FrameBytesMax, cancellation, lane);
                _allowed.Set(socket.ParallelJobs);
                if (lane > socket.ParallelJobs)
                {
                    await socket.CloseAsync(ClosePatience, time);
                    continue;
                }

                await socket.SendAsync(new BackendMessage.Logging(LoggingLevel.Info, "The worker has connected successfully."), cancellation);
                await socket.SendAsync(init, cancellation);
                LogConnected(logger);
                metrics.Connected("worker");
                await ServeAsync(socket, delay, cancellation);
            }
            catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
            {
                LogDisconnected(logger, e.Message);
            }

            await delay.WaitAsync(cancellation);
        }
    }

    private async Task ServeAsync(OperatorSocket socket, ReconnectDelay delay, CancellationToken cancellation)
    {
        var jobs = Channel.CreateBounded<WorkerFrame>(WaitingJobsMax);
        try
        {
            await Loops.RunAsync(
                [token => ReceiveAsync(socket, jobs.Writer, delay, token), token => ExecuteAsync(socket, jobs.Reader, token)],
                cancellation);
        }
        finally
        {
            if (cancellation.IsCancellationRequested)
            {
                await socket.CloseAsync(ClosePatience, time);
            }
        }
    }

    private async Task ReceiveAsync(OperatorSocket socket, ChannelWriter<WorkerFrame> jobs, ReconnectDelay delay, CancellationToken cancellation)
    {
        while (true)
        {
            using var silence = new CancellationTokenSource(SilenceMax, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
            var (frame, isBinary) = await socket.ReceiveAsync(either.Token);
            delay.Reset();
            if (WorkerFrame.Decode(frame, isBinary) is var decoded and not WorkerFrame.Heartbeat)
            {
                await jobs.WriteAsync(decoded, cancellation);
            }
        }
    }

    private async Task ExecuteAsync(OperatorSocket socket, ChannelReader<WorkerFrame> jobs, CancellationToken cancellation)
    {
        await foreach (var frame in jobs.ReadAllAsync(cancellation))
        {
            var result = await FetchedAsync(frame, cancellation) switch
            {
                null => JobResult.Retry("The job's frame cannot be fetched."),
                WorkerFrame.Job job => await ExecuteAsync(job, socket, cancellation),
                WorkerFrame.Invalid invalid => JobResult.Fail(invalid.Error),
                _ => JobResult.Fail("The frame holds no job."),
            };
            await socket.SendAsync(new BackendMessage.JobStatus(result.Outcome, result.Message), cancellation);
        }
    }

    /// <returns>Null when a frame that was sent by reference cannot be had now.</returns>
    private async Task<WorkerFrame?> FetchedAsync(WorkerFrame frame, CancellationToken cancellation)
    {
        if (frame is not WorkerFrame.Reference { Path: var path })
        {
            return frame;
        }

        try
        {
            return WorkerFrame.Decode(await connector.GetFrameAsync(path, cancellation), isBinary: true);
        }
        catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
        {
            LogNotFetched(logger, path, e.Message);
            return null;
        }
    }

    private async Task<JobResult> ExecuteAsync(WorkerFrame.Job frame, OperatorSocket socket, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var (type, jobId, result) = BackendJobReader.Read(frame.Document) switch
        {
            ReadJob.Accepted { Job: var job } => (job.GetType().Name, job.JobId, await TracedAsync(job, socket, cancellation)),
            // Nobody can make more series of it than there are types.
            ReadJob.Invalid { Error: var error } => ("invalid", null, JobResult.Fail(error)),
            var other => throw new InvalidOperationException($"{other} is no way to read a job."),
        };
        metrics.JobEnded(type, result.Outcome.ToString(), time.GetElapsedTime(started));
        if (result.Outcome != JobOutcome.Success)
        {
            LogFailed(logger, jobId, result.Outcome, result.Message);
        }

        return result;
    }

    private async Task<JobResult> TracedAsync(BackendJob job, OperatorSocket socket, CancellationToken cancellation)
    {
        using var span = WorkflowTrace.Start(WorkflowOf(job) ?? "", "execute job")?
            .SetTag("osmo.job.id", job.JobId).SetTag("osmo.job.type", job.GetType().Name).SetTag("osmo.backend", options.Backend);
        var result = await GuardedAsync(job, socket, cancellation);
        span?.SetStatus(result.Outcome == JobOutcome.Success ? ActivityStatusCode.Ok : ActivityStatusCode.Error, result.Message);
        return result;
    }

    /// <summary>A fault that one job brings to light ends that job: were it to end the operator, the job would be sent again and again.</summary>
    private async Task<JobResult> GuardedAsync(BackendJob job, OperatorSocket socket, CancellationToken cancellation)
    {
        try
        {
            return await executor.ExecuteAsync(job, (message, token) => SendOutputAsync(socket, message, token), cancellation);
        }
        catch (Exception e) when (e is not OutputBrokenException && !cancellation.IsCancellationRequested)
        {
            LogFault(logger, job.JobId, e);
            return JobResult.Fail($"{e.GetType().Name}: {e.Message}");
        }
    }

    private static async Task SendOutputAsync(OperatorSocket socket, BackendMessage message, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(message, cancellation);
        }
        catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
        {
            throw new OutputBrokenException(e);
        }
    }

    private static string? WorkflowOf(BackendJob job) => job switch
    {
        BackendJob.CreateGroup { WorkflowUuid: var workflow } => workflow,
        BackendJob.CleanupGroup { WorkflowUuid: var workflow } => workflow,
        BackendJob.RescheduleTask { WorkflowUuid: var workflow } => workflow,
        BackendJob.LabelNode { WorkflowUuid: var workflow } => workflow,
        _ => null,
    };

    /// <summary>The connection that a job came on broke while the job had something to say: so told from what breaks in the job itself.</summary>
    private sealed class OutputBrokenException(Exception inner) : IOException(inner.Message, inner);

    [LoggerMessage(1, LogLevel.Information, "The worker is connected")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "The worker is not connected: {Error}")]
    private static partial void LogDisconnected(ILogger logger, string error);

    [LoggerMessage(3, LogLevel.Warning, "Job {JobId} ended with {Outcome}: {Message}")]
    private static partial void LogFailed(ILogger logger, string? jobId, JobOutcome outcome, string? message);

    [LoggerMessage(4, LogLevel.Warning, "The job's frame at {Path} cannot be fetched: {Error}")]
    private static partial void LogNotFetched(ILogger logger, string path, string error);

    [LoggerMessage(5, LogLevel.Error, "Job {JobId} brought a fault of the operator to light")]
    private static partial void LogFault(ILogger logger, string jobId, Exception fault);
}
