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

    private const int ParallelMax = 16;

    /// <summary>How late a deadline can be noticed whose grain is not in memory.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TimeSpan.Zero, Period) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Start() => await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task Tick(CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            var due = await queries.DueWorkflows(time.UtcNow(), BatchMax, cancellation);
            var fresh = due.Select(workflow => workflow.WorkflowUuid).Where(seen.Add).ToList();
            foreach (var chunk in fresh.Chunk(ParallelMax))
            {
                await Task.WhenAll(chunk.Select(Wake));
            }

            if (due.Count < BatchMax || fresh.Count == 0)
            {
                return;
            }
        }
    }

    /// <summary>One workflow that cannot be woken must not keep the others waiting; it stays due and is tried again.</summary>
    private async Task Wake(string workflowUuid)
    {
        try
        {
            await grains.GetGrain<IWorkflowGrain>(workflowUuid).Wake();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            WakeFailed(logger, workflowUuid, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Workflow {WorkflowUuid} is due but could not be woken; it is tried again.")]
    private static partial void WakeFailed(ILogger logger, string workflowUuid, Exception error);
}
