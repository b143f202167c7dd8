using Osmo.Storage.Queries;

namespace Osmo.Standalone;

/// <summary>The moment from which workflows are admitted: the operator has reported this machine, and its node is stored.</summary>
internal sealed class NodeRegistration(IWorkflowQueries queries, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="StandaloneException">It takes too long.</exception>
    public async Task Wait(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Period, time);
        while ((await queries.Nodes([StandaloneConfiguration.Backend], hostname: null, cancellation)).Count == 0)
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new StandaloneException(
                    $"The operator has not reported this machine within {Patience.TotalSeconds} s; "
                    + "what hinders it is told with --log-level Information.");
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
