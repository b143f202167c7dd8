using System.Text.Json.Nodes;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

/// <summary>One connection for jobs after the other, with the gateway's side of each: take a job, have it executed, apply the result, close it.</summary>
internal sealed class Worker(SimulatedProcess process, string backend, SimulatedCluster cluster, ControlPlane controlPlane, FaultRates rates)
{
    /// <summary>max_retry_per_job.</summary>
    private const int HandOutsMax = 5;

    private readonly JobExecution _execution = new(process, cluster, rates);

    public async Task Run()
    {
        while (true)
        {
            var session = cluster.Dice.Uuid();
            var connection = new Connection(process, controlPlane, outlivesSilos: cluster.Dice.Once(0.5));
            try
            {
                while (true) await Perform(session, connection);
            }
            catch (Exception e) when (Transience.Is(e))
            {
                if (cluster.Dice.Once(0.7)) cluster.Record.Start(process, () => SayGoodbye(session));
                await process.PauseToRetry(cluster.Dice);
            }
        }
    }

    private async Task Perform(string session, Connection connection)
    {
        if (await cluster.Network.Call(grains => Backend(grains).NextJob(session, default)) is not { } ticket) return;

        var preparedAt = process.Time.GetUtcNow();
        var prepared = await cluster.Network.Call(grains => Workflow(grains, ticket).PrepareJob(ticket.JobId, ticket.Order));
        if (prepared.IsMoot)
        {
            await Close(session, ticket);
            return;
        }

        if (!await Renew(session, ticket, connection)) return;

        var execution = _execution.Execute(JsonNode.Parse(prepared.Document.Span)!, preparedAt, connection);
        cluster.Record.Start(process, () => KeepHold(session, ticket, execution, connection));
        var outcome = await execution;
        if (outcome == JobOutcome.Again && await ReturnJob(session, ticket, prepared)) return;

        var result = new JobResult(ticket.JobId, outcome == JobOutcome.Done, outcome == JobOutcome.Done ? "" : "Backend execution failed: as the seed wants it");
        cluster.Record.Messages.Add((ticket.WorkflowUuid, $"{result}", grains => Workflow(grains, ticket).FinishJob(result)));
        await cluster.Network.Call(grains => Workflow(grains, ticket).FinishJob(result));
        await Close(session, ticket);
    }

    /// <summary>False when it was tried often enough; clean-up is tried for ever.</summary>
    private async Task<bool> ReturnJob(string session, JobTicket ticket, PreparedJob prepared)
    {
        var handedOut = await cluster.Network.Call(grains => Backend(grains).ReturnJob(session, ticket.JobId));
        return handedOut < HandOutsMax || JsonNode.Parse(prepared.Document.Span)!["job_type"]!.GetValue<string>() == "CleanupGroup";
    }

    private Task Close(string session, JobTicket ticket) => cluster.Network.Call(grains => Backend(grains).CloseJob(session, ticket.JobId));

    private async Task KeepHold(string session, JobTicket ticket, Task execution, Connection connection)
    {
        await process.Pause(JobLease.RenewPeriod);
        while (!execution.IsCompleted)
        {
            cluster.Record.Start(process, () => Try(async () =>
            {
                if (!await Renew(session, ticket, connection) && !execution.IsCompleted) connection.Cut();
            }));
            await process.Pause(JobLease.RenewPeriod);
        }
    }

    private async Task<bool> Renew(string session, JobTicket ticket, Connection connection)
    {
        var sent = process.Time.GetUtcNow();
        var isHeld = await cluster.Network.Call(grains => Backend(grains).RenewJob(session, ticket.JobId));
        if (isHeld) connection.HeldUntil(sent + JobLease.HolderPatience);
        return isHeld;
    }

    private Task<bool> SayGoodbye(string session) => Try(() => cluster.Network.Call(grains => Backend(grains).EndSession(session)));

    /// <summary>What is not done is made up for by the end of the lease.</summary>
    private static async Task<bool> Try(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception e) when (Transience.Is(e))
        {
            return false;
        }
    }

    private IBackendGrain Backend(IGrainFactory grains) => grains.GetGrain<IBackendGrain>(backend);

    private static IWorkflowGrain Workflow(IGrainFactory grains, JobTicket ticket) => grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
}

/// <summary>
/// The connection that jobs come over, to a gateway that dies with the control plane or not. It breaks when the gateway dies or can no longer be sure that nobody else is at work on the job, and an
/// operator goes on with no job whose connection is gone.
/// </summary>
internal sealed class Connection(SimulatedProcess process, ControlPlane controlPlane, bool outlivesSilos)
{
    private readonly int _crashes = controlPlane.Crashes;
    private DateTimeOffset _heldUntil;
    private bool _cut;

    public bool IsCut => _cut || process.Time.GetUtcNow() >= _heldUntil || (!outlivesSilos && controlPlane.Crashes != _crashes);

    /// <summary>What the worker is at; null before its first job.</summary>
    public JobWork? Work { get; set; }

    public void HeldUntil(DateTimeOffset time) => _heldUntil = time > _heldUntil ? time : _heldUntil;

    public void Cut() => _cut = true;
}
