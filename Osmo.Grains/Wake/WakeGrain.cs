using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Queries;

namespace Osmo.Grains.Wake;

[GrainType("wake")]
public sealed partial class WakeGrain(IWorkflowQueries queries, IGrainFactory grains, TimeProvider time, ILogger<WakeGrain> logger)
    : Grain, IWakeGrain, IRemindable
{
    private const string Reminder = "keep-awake";

    private const int BatchMax = 200;

    /// <summary>A backlog (after an outage, say) is worked off in one tick up to this many batches.</summary>
    private const int BatchesMax = 50;

    /// <summary>Workflows being woken at the same time. One that takes long keeps its place, but does not keep the others waiting.</summary>
    private const int ParallelMax = 64;

    /// <summary>How late a deadline can be noticed whose grain is not in memory.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TimeSpan.Zero, Period) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Start() => await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    public Task Touch() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task Tick(CancellationToken cancellation)
    {
        var seen = _running.Keys.ToHashSet(StringComparer.Ordinal);
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            // Those that stay due, because they cannot be woken, must not hide those behind them.
            var limit = BatchMax + seen.Count;
            var due = await queries.DueWorkflows(time.UtcNow(), limit, cancellation);
            foreach (var workflow in due.Select(workflow => workflow.WorkflowUuid).Where(seen.Add))
            {
                while (_running.Count >= ParallelMax)
                {
                    await Task.WhenAny(_running.Values).WaitAsync(cancellation);
                }

                _running[workflow] = Wake(workflow);
            }

            if (due.Count < limit)
            {
                return;
            }
        }
    }

    /// <summary>One workflow that cannot be woken stays due and is tried again.</summary>
    private async Task Wake(string workflowUuid)
    {
        // Not before it is among those that run.
        await Task.Yield();
        try
        {
            await grains.GetGrain<IWorkflowGrain>(workflowUuid).Wake();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            WakeFailed(logger, workflowUuid, e);
        }
        finally
        {
            _running.Remove(workflowUuid);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Workflow {WorkflowUuid} is due but could not be woken; it is tried again.")]
    private static partial void WakeFailed(ILogger logger, string workflowUuid, Exception error);
}
