using System.Collections.Immutable;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Sockets;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Runtime;
using RuntimeAction = Osmo.Protocol.Runtime.RuntimeAction;

namespace Osmo.Gateway.Runtimes;

/// <summary>
/// One connection of a runtime: its lines go to the workflow's log, its requests to the workflow, the actions of its task's mailbox to it.
/// What it sent is answered in order, and only when everything before it is durable.
/// </summary>
internal sealed partial class RuntimeSession : IDisposable
{
    private const int ConnectionNameBytes = 8;

    /// <summary>How long the runtime may take to hear that it shall leave, and what it sent until then to be stored when the host stops.</summary>
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(5);

    private readonly MessageSocket _socket;
    private readonly RuntimeKey _key;
    private readonly RuntimeAttachment _attachment;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LineBatches _batches;
    private readonly IWorkflowGrain _workflow;
    private readonly IWorkflowLogGrain _log;
    private readonly ITaskGrain _task;

    /// <summary>Number of this connection at the task's mailbox; null while it has none.</summary>
    private long? _session;

    /// <summary>Lines the runtime knew to be durable when it connected; null when lines have no numbers.</summary>
    private readonly long? _resume;

    /// <summary>Under which the lines of this connection are counted when they have no numbers: an append that is made and not answered is made again.</summary>
    private readonly string _connection = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ConnectionNameBytes));

    /// <summary>Lines of this connection that are durable.</summary>
    private long _stored;

    /// <summary>Done when an answer could not be sent.</summary>
    private readonly TaskCompletionSource _unheard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of the last restart sent over this connection; the same one comes from the mailbox and from the workflow.</summary>
    private int _restartSent;

    public RuntimeSession(
        IGrainFactory grains,
        MessageSocket socket,
        RuntimeKey key,
        RuntimeAttachment attachment,
        long? resume,
        RuntimeMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        (_socket, _key, _attachment, _resume, _metrics, _time, _logger) = (socket, key, attachment, resume, metrics, time, logger);
        _batches = new LineBatches(new LineRenderer(key.Task, key.RetryId, attachment.Masked));
        _workflow = grains.GetGrain<IWorkflowGrain>(key.WorkflowUuid);
        _log = grains.GetGrain<IWorkflowLogGrain>(key.WorkflowUuid);
        _task = grains.GetGrain<ITaskGrain>($"{key.WorkflowUuid}/{key.Task}");
    }

    /// <summary>Until the runtime leaves, something fails, or <paramref name="stopping"/>. Returns what went wrong, if anything.</summary>
    public async Task<Exception?> Run(CancellationToken stopping)
    {
        try
        {
            return _attachment.Finished
                ? await SocketEnd.Run(_socket, stopping, cancellation => Exchange(stopping, cancellation))
                : await SocketEnd.Run(_socket, stopping, cancellation => Exchange(stopping, cancellation), ForwardActions);
        }
        finally
        {
            if (_session is { } session)
            {
                await Transient.Ignore(() => _task.Detach(session));
            }
        }
    }

    public void Dispose() => _batches.Dispose();

    /// <summary>
    /// Receives and stores. What the runtime sent is stored whatever ends the connection: one that does not number its lines cannot send them again (contract: runtime-protocol §7.5).
    /// </summary>
    private async Task Exchange(CancellationToken stopping, CancellationToken cancellation)
    {
        using var receiving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var abandoned = new CancellationTokenSource();
        var received = Receive(stopping, receiving.Token);
        var stored = Store(abandoned.Token);
        if (await Task.WhenAny(received, stored, _unheard.Task) != received)
        {
            await receiving.CancelAsync();
        }

        await received.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _batches.Complete();
        if (stopping.IsCancellationRequested)
        {
            await stored.WaitAsync(LeavePatience, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await abandoned.CancelAsync();
        }

        await stored;
        await received;
    }

    private async Task Receive(CancellationToken stopping, CancellationToken cancellation)
    {
        var decoder = new CtrlMessageDecoder();
        var messages = new List<CtrlMessage>();
        try
        {
            await Receive(decoder, messages, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && _resume is null)
        {
            using var patience = new CancellationTokenSource(LeavePatience, _time);
            await (stopping.IsCancellationRequested
                ? _socket.Leave(SocketEnd.GoingAway, SocketEnd.Stopping)
                : _socket.Leave(SocketEnd.InternalError, SocketEnd.Failed));
            await Receive(decoder, messages, patience.Token);
        }
    }

    private async Task Receive(CtrlMessageDecoder decoder, List<CtrlMessage> messages, CancellationToken cancellation)
    {
        while (await _socket.Receive(cancellation) is { } frame)
        {
            messages.Clear();
            if (!decoder.TryDecode(frame.Span, messages, out var error))
            {
                if (_resume is not null)
                {
                    // The numbers of all later lines would be wrong.
                    throw new ProtocolViolationException(error);
                }

                LogBadMessage(_key.WorkflowUuid, _key.Task, _key.RetryId, error);
            }

            await _batches.Add(messages, cancellation);
        }
    }

    private async Task Store(CancellationToken cancellation)
    {
        while (await _batches.Take(cancellation) is { } batch)
        {
            if (batch.Lines > 0)
            {
                await Append(batch, cancellation);
            }

            foreach (var message in batch.After)
            {
                await Answer(message, cancellation);
            }
        }
    }

    private async Task Append(LineBatch batch, CancellationToken cancellation)
    {
        var append = new LogAppend(
            Grains.Interfaces.LogStream.Logs, _key.Task, _key.RetryId, _resume + _stored, batch.Lines, batch.Text.WrittenMemory)
        {
            Connection = _resume is null ? new ConnectionPlace(_connection, _stored) : null,
        };
        if (_resume is not null || batch.Text.WrittenCount > 0)
        {
            await Transient.Retry(() => _log.Append(append), cancellation);
        }

        _stored += batch.Lines;
        _metrics.Stored(batch.Lines, batch.Text.WrittenCount);
        if (_resume is not null)
        {
            await Reply(new RuntimeAction.LogAck(_stored), cancellation);
        }
    }

    private async Task Answer(CtrlMessage message, CancellationToken cancellation)
    {
        switch (message)
        {
            case CtrlMessage.LogDone:
                await Reply(new RuntimeAction.LogDone(), cancellation);
                break;
            case CtrlMessage.Barrier:
                if (await Transient.Retry(() => _workflow.ReachBarrier(_key.Task, _key.RetryId), cancellation))
                {
                    await Reply(new RuntimeAction.Barrier(), cancellation);
                }

                break;
            case CtrlMessage.GroupMetrics measured:
                var transfer = new TransferMeasurement(
                    _key.Task,
                    _key.RetryId,
                    measured.Metric == GroupMetric.OutputUpload,
                    measured.StartTime.UtcDateTime,
                    measured.EndTime.UtcDateTime);
                await Transient.Retry(() => _workflow.RecordTransfer(transfer), cancellation);
                break;
            default:
                // Nothing reads the history of single transfers (contract: lifecycle §18).
                break;
        }
    }

    private async Task ForwardActions(CancellationToken cancellation)
    {
        var session = await Transient.Retry(() => _task.Attach(_key.RetryId), cancellation);
        _session = session;
        await CatchUp(_attachment, cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            foreach (var action in await NextActions(session, cancellation))
            {
                await Forward(action, cancellation);
            }
        }
    }

    private Task<ImmutableArray<TaskAction>> NextActions(long session, CancellationToken cancellation)
    {
        var failed = false;
        return Transient.Retry(
            async () =>
            {
                if (failed)
                {
                    // The mailbox may have died with what was in it.
                    await CatchUp(await _workflow.AttachRuntime(_key.Task, _key.RetryId), cancellation);
                }

                failed = true;
                return await _task.NextActions(session, _key.RetryId, cancellation);
            },
            cancellation);
    }

    /// <summary>What the runtime would have been sent had it been connected.</summary>
    private async Task CatchUp(RuntimeAttachment attachment, CancellationToken cancellation)
    {
        if (attachment.BarrierReleased)
        {
            await Send(new RuntimeAction.Barrier(), cancellation);
        }

        if (attachment.Restart is { } restart)
        {
            await Forward(restart, cancellation);
        }
    }

    private async Task Forward(TaskAction action, CancellationToken cancellation)
    {
        if (action.Restart <= _restartSent)
        {
            return;
        }

        await _socket.SendBinary(Encoding.UTF8.GetBytes(action.Document), cancellation);
        if (action.Restart is { } number)
        {
            _restartSent = number;
            await Transient.Retry(() => _workflow.ConfirmRestart(_key.Task, _key.RetryId, number), cancellation);
        }
    }

    /// <summary>An answer that cannot be given ends the connection, but not the storing of what came over it.</summary>
    private async Task Reply(RuntimeAction action, CancellationToken cancellation)
    {
        try
        {
            await Send(action, cancellation);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            _unheard.TrySetResult();
        }
    }

    private Task Send(RuntimeAction action, CancellationToken cancellation)
    {
        var frame = RuntimeActionCodec.Encode(action);
        return action.IsTextFrame ? _socket.SendText(frame, cancellation) : _socket.SendBinary(frame, cancellation);
    }
}
