using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Sockets;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>
/// The connection of an operator's worker (contract: backend-protocol §7): one job at a time is handed out, its result applied, its row
/// closed.
/// </summary>
internal sealed class WorkerSession(
    IGrainFactory grains,
    MessageSocket socket,
    string backend,
    WorkerHello hello,
    OperatorHandshake handshake,
    WorkerJobs jobs,
    ImmutableArray<WantedState> wanted,
    ErrorLogs errors,
    OperatorLog log,
    ConnectionLog said,
    TimeProvider time)
{
    /// <summary>Results that a worker sends one after the other are closer together than this.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly string _session = hello.Connection ?? Guid.CreateVersion7().ToString("N");
    private readonly TaskCompletionSource<BackendMessage.Init> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkerAnswers _answers = new(isInStep: hello.EndsJobsWithConnection);

    private IBackendGrain Backend => grains.GetGrain<IBackendGrain>(backend);

    public async Task<Exception?> Run(CancellationToken stopping)
    {
        try
        {
            return await SocketEnd.Run(socket, stopping, Receive, Beat, HandOut);
        }
        finally
        {
            await Transient.Ignore(() => Backend.EndSession(_session));
        }
    }

    private async Task Receive(CancellationToken cancellation)
    {
        if (await handshake.Register(socket, backend, said, cancellation) is not { } init)
        {
            return;
        }

        _registered.SetResult(init);
        while (await socket.Receive(cancellation) is { } frame)
        {
            switch (BackendCodec.Decode(frame.Span))
            {
                case DecodedMessage.Accepted { Message: BackendMessage.Logging line }:
                    said.Line(line);
                    break;
                case DecodedMessage.Accepted { Message: var message and (BackendMessage.PodLog or BackendMessage.JobStatus) }:
                    if (!await _answers.Add(message, cancellation))
                    {
                        said.Dropped(LogCause.WithoutJob, $"{BackendCodec.TypeOf(message)} came while no job was in flight.");
                    }

                    break;
                case DecodedMessage.Accepted { Message: var other }:
                    said.Dropped(LogCause.WrongConnection, $"{BackendCodec.TypeOf(other)} has no meaning on a worker's connection.");
                    break;
                case DecodedMessage.UnknownType unknown:
                    said.Dropped(LogCause.UnknownType, $"type '{unknown.Type}' is unknown.");
                    break;
                case DecodedMessage.InvalidBody invalid:
                    said.Dropped(LogCause.InvalidBody, $"{invalid.Type}: {invalid.Error}");
                    break;
                case DecodedMessage.InvalidEnvelope invalid:
                    said.InvalidEnvelope(invalid.Error);
                    break;
            }
        }
    }

    /// <summary>Keeps the worker's liveness probe content.</summary>
    private async Task Beat(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(BackendLimits.WorkerHeartbeatPeriod, time);
        do
        {
            await socket.SendText(WorkerFrame.HeartbeatText, cancellation);
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private async Task HandOut(CancellationToken cancellation)
    {
        var init = await _registered.Task.WaitAsync(cancellation);
        var sender = new JobSender(
            hello.AcceptsReference,
            (job, frame, token) => Execute(job, () => socket.SendBinary(frame, token), token),
            (job, frame, token) => Execute(job, () => socket.SendText(frame, token), token));
        if (!hello.EndsJobsWithConnection)
        {
            var nothing = JobDocuments.ChangeNothing($"{backend}-modify-queues-{Guid.NewGuid():N}", backend);
            await socket.SendBinary(WorkerFrame.EncodeJob(nothing), cancellation);
            await _answers.FallInStep(Quiet, time, cancellation);
        }

        while (true)
        {
            foreach (var state in wanted)
            {
                await BringAbout(state, init, cancellation);
            }

            var ticket = await Transient.Retry(() => Backend.NextJob(_session, cancellation), cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (ticket is null)
            {
                continue;
            }

            await jobs.Perform(backend, _session, ticket, sender, cancellation);
        }
    }

    /// <summary>Before jobs that may need it.</summary>
    private async Task BringAbout(WantedState state, BackendMessage.Init init, CancellationToken cancellation)
    {
        if (await state.Next(init, cancellation) is not { } job)
        {
            return;
        }

        _answers.Expect();
        await socket.SendBinary(WorkerFrame.EncodeJob(job.Document), cancellation);
        BackendMessage answer;
        while ((answer = await _answers.Next(cancellation)) is not BackendMessage.JobStatus)
        {
        }

        var status = (BackendMessage.JobStatus)answer;
        var isNews = status.Status != JobOutcome.Success;
        if (status.Status == JobOutcome.FailedRetry)
        {
            isNews = state.Failed();
        }
        else
        {
            state.Done(job);
        }

        if (isNews)
        {
            log.JobFailed(backend, job.Id, status.Message ?? "");
        }
    }

    /// <summary>Sends a job and waits for its result, collecting what the worker sends meanwhile.</summary>
    private async Task<BackendMessage.JobStatus> Execute(JobTicket ticket, Func<Task> send, CancellationToken cancellation)
    {
        _answers.Expect();
        await send();
        var collected = errors.Of(ticket.WorkflowUuid);
        try
        {
            return await Collect(collected, cancellation);
        }
        catch (OperationCanceledException)
        {
            await Rescue(collected, ticket);
            throw;
        }
    }

    private async Task<BackendMessage.JobStatus> Collect(CollectedErrors collected, CancellationToken cancellation)
    {
        while (true)
        {
            switch (await _answers.Next(cancellation))
            {
                case BackendMessage.PodLog lines:
                    await collected.Add(lines, cancellation);
                    if (!_answers.HasMore)
                    {
                        await collected.Flush(cancellation);
                    }

                    break;
                case BackendMessage.JobStatus status:
                    await collected.Flush(cancellation);
                    return status;
            }
        }
    }

    /// <summary>Stores what came before the connection ended: the pods it is from may be gone. Not so when another has the job, which may have stored more of them by now.</summary>
    private async Task Rescue(CollectedErrors collected, JobTicket ticket)
    {
        if (!await Backend.RenewJob(_session, ticket.JobId))
        {
            return;
        }

        while (_answers.TryNext(out var message))
        {
            if (message is BackendMessage.PodLog lines)
            {
                await collected.Add(lines, CancellationToken.None);
            }
        }

        await collected.Flush(CancellationToken.None);
    }
}

/// <summary>What a worker says of itself when it connects, which only ours does.</summary>
/// <param name="AcceptsReference">It fetches jobs that do not fit into a frame.</param>
/// <param name="IsAdditional">It has another connection; this one is for jobs of groups alone.</param>
/// <param name="Connection">Its name and the number of this connection (<c>name/3</c>); null when it does not say, or not soundly.</param>
internal sealed partial record WorkerHello(bool AcceptsReference, bool IsAdditional, string? Connection)
{
    /// <summary>It gives up what it is doing when a connection ends, as every worker does that numbers them. Upstream's goes on, and sends the result on the next one.</summary>
    public bool EndsJobsWithConnection => Connection is not null;

    public static WorkerHello Of(IHeaderDictionary headers) => new(
        headers.ContainsKey(WorkerFrame.AcceptsReferenceHeader),
        headers.ContainsKey(WorkerFrame.AdditionalHeader),
        headers[WorkerFrame.ConnectionHeader].ToString() is var name && Sound().IsMatch(name) ? name : null);

    [GeneratedRegex(@"\A[0-9A-Za-z-]{1,64}/[0-9]{1,18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sound();
}
