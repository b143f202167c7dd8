using Osmo.Hosting;
using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Gateway.Meta;

/// <summary>Whether this gateway can serve: the grains and the database answer in time.</summary>
internal sealed class Readiness(ConfigurationCache configuration, IWorkflowQueries queries, Draining draining, TimeProvider time)
{
    /// <summary>How long both may take together.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Null when it can; otherwise the reason.</summary>
    public async Task<string?> WhyNot(CancellationToken cancellation)
    {
        if (draining.IsOn)
        {
            return "The gateway is stopping.";
        }

        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            await configuration.Get(either.Token);
            await queries.FindWorkflow("readiness-0", either.Token);
            return null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return $"No answer from the grains or the database within {Patience.TotalSeconds} s.";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return StorageFailures.Find(e) is null ? e.Message : StorageFailures.Busy;
        }
    }
}
