using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;

namespace Osmo.Gateway.Operators;

/// <summary>The right of one connection to work on one job (see <see cref="JobLease"/>).</summary>
internal sealed class JobHold(IBackendGrain backend, string session, string jobId, TimeProvider time)
{
    private long _renewed = time.GetTimestamp();
    private bool _isOver;

    private TimeSpan Left => JobLease.HolderPatience - time.GetElapsedTime(_renewed);

    public Task Close(CancellationToken cancellation)
    {
        _isOver = true;
        return Transient.Retry(() => backend.CloseJob(session, jobId), cancellation);
    }

    /// <inheritdoc cref="IBackendGrain.ReturnJob"/>
    public Task<int> Return(CancellationToken cancellation)
    {
        _isOver = true;
        return Transient.Retry(() => backend.ReturnJob(session, jobId), cancellation);
    }

    /// <summary>Before the job is sent. False when it has another holder by now.</summary>
    public Task<bool> Confirm(CancellationToken cancellation) => Transient.Retry(Renew, cancellation);

    /// <summary>Runs <paramref name="work"/> for as long as the right can be renewed.</summary>
    /// <exception cref="JobLostException">It could not; the work was cancelled.</exception>
    public async Task While(Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(ending.Token);
        var keeping = Keep(ending.Token);
        var first = await Task.WhenAny(working, keeping);
        await ending.CancelAsync();
        await Task.WhenAll(working, keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first == keeping)
        {
            await keeping;
        }

        await working;
    }

    /// <summary>Renews until it is cancelled.</summary>
    private async Task Keep(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(JobLease.RenewPeriod, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var left = Left;
            var isHeld = left > TimeSpan.Zero;
            try
            {
                isHeld = isHeld && await Renew().WaitAsync(left, time, cancellation);
            }
            catch (Exception e) when (Transient.Is(e))
            {
                isHeld = Left > TimeSpan.Zero;
            }

            if (!isHeld && !_isOver)
            {
                throw new JobLostException(jobId);
            }
        }
    }

    private async Task<bool> Renew()
    {
        var sent = time.GetTimestamp();
        var isHeld = await backend.RenewJob(session, jobId);
        if (isHeld)
        {
            _renewed = sent;
        }

        return isHeld;
    }
}

/// <summary>Somebody else may work on the job by now: the connection must end, so that its operator stops.</summary>
public sealed class JobLostException(string jobId)
    : Exception($"The right to work on job {jobId} was lost: another connection has it, or it could not be renewed in time.");
