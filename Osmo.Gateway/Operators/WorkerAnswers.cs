using System.Threading.Channels;
using Osmo.Gateway.Sockets;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// What a worker sends of its jobs. Its results do not say whose they are, so they belong to the one job in flight (contract: backend-protocol §7): between two jobs there must be none.
/// </summary>
/// <param name="isInStep">False when results may come of jobs that were sent on an earlier connection; see <see cref="FallInStep"/>.</param>
internal sealed class WorkerAnswers(bool isInStep)
{
    /// <summary>Messages read ahead; what a worker sends is little, apart from the last lines of failed containers.</summary>
    private const int ReadAheadMax = 256;

    private readonly Channel<BackendMessage> _received = Channel.CreateBounded<BackendMessage>(ReadAheadMax);
    private volatile Step _step = isInStep ? Step.Idle : Step.OutOfStep;

    /// <summary>True when another message of the job in flight is there already.</summary>
    public bool HasMore => _received.Reader.TryPeek(out _);

    /// <returns>False when nobody waits for it; it was dropped.</returns>
    /// <exception cref="ProtocolViolationException">A result without a job: whatever came next would be taken for what it is not.</exception>
    public async ValueTask<bool> Add(BackendMessage message, CancellationToken cancellation)
    {
        var step = _step;
        if (message is BackendMessage.JobStatus)
        {
            if (step == Step.Idle)
            {
                throw new ProtocolViolationException($"A {BackendCodec.TypeOf(message)} came while no job was in flight.");
            }

            if (step == Step.InFlight)
            {
                // Before it can be read, since the next job may follow at once.
                _step = Step.Idle;
            }
        }
        else if (step != Step.InFlight)
        {
            return false;
        }

        await _received.Writer.WriteAsync(message, cancellation);
        return true;
    }

    /// <summary>A job is about to be sent.</summary>
    public void Expect()
    {
        while (TryNext(out _))
        {
        }

        _step = Step.InFlight;
    }

    /// <summary>The next message of the job in flight; its result is the last.</summary>
    public ValueTask<BackendMessage> Next(CancellationToken cancellation) => _received.Reader.ReadAsync(cancellation);

    public bool TryNext(out BackendMessage? message) => _received.Reader.TryRead(out message);

    /// <summary>
    /// After a job that changes nothing was sent: a worker does one job after the other, so its result comes right behind the last of what the worker was doing before, however long that takes. When
    /// there has been a result, and then none for <paramref name="quiet"/>, there are no more to come.
    /// </summary>
    public async Task FallInStep(TimeSpan quiet, TimeProvider time, CancellationToken cancellation)
    {
        do
        {
            await _received.Reader.ReadAsync(cancellation);
        }
        while (await ComesWithin(quiet, time, cancellation));
        _step = Step.Idle;
    }

    private async Task<bool> ComesWithin(TimeSpan quiet, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(quiet, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await _received.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private enum Step
    {
        /// <summary>Results that come may be of any job.</summary>
        OutOfStep = 1,
        Idle,
        InFlight,
    }
}
