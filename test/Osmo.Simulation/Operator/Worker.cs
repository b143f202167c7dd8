using System.Text.Json.Nodes;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

/// <summary>One connection for jobs after the other, with the gateway's side of each: take a job, have it executed, apply the result, close it.</summary>
internal sealed class Worker(SimulatedProcess process, string backend, SimulatedCluster cluster, ControlPlane controlPlane, FaultRates rates)
{
    /// <summary>max_retry_per_job.</summary>
    private const int HandOutsMax = 5;

    private static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(10);

    /// <summary>A gateway that cannot renew the lease of a job closes the connection before the lease is over.</summary>
    private static readonly TimeSpan RenewPatience = TimeSpan.FromSeconds(20);

    private readonly JobExecution _execution = new(process, cluster, rates);

    public async Task Run()
    {
        while (true)
        {
            var session = cluster.Dice.Uuid();
            try
            {
                while (true) await Perform(session);
            }
            catch (Exception e) when (Transience.Is(e))
            {
                if (cluster.Dice.Once(0.7)) cluster.Record.Start(process, () => SayGoodbye(session));
                await process.PauseToRetry(cluster.Dice);
            }
        }
    }

    private async Task Perform(string session)
    {
        if (await cluster.Network.Call(grains => Backend(grains).NextJob(session, default)) is not { } ticket) return;

        var preparedAt = process.Time.GetUtcNow();
        var prepared = await cluster.Network.Call(grains => Workflow(grains, ticket).PrepareJob(ticket.JobId));
        if (prepared.IsMoot)
        {
            await Close(session, ticket);
            return;
        }

        var connection = new Connection(controlPlane);
        var execution = _execution.Execute(JsonNode.Parse(prepared.Document.Span)!, preparedAt, connection);
        cluster.Record.Start(process, () => Renew(session, execution, connection));
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

    private async Task Renew(string session, Task execution, Connection connection)
    {
        var renewed = process.Time.GetUtcNow();
        await process.Pause(RenewPeriod);
        while (!execution.IsCompleted && !connection.IsCut)
        {
            var began = process.Time.GetUtcNow();
            if (await Try(() => cluster.Network.Call(grains => Backend(grains).RenewJob(session)))) renewed = began;
            if (process.Time.GetUtcNow() - renewed > RenewPatience) connection.Cut();

            await process.Pause(RenewPeriod);
        }
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

/// <summary>The connection that a job came over. It breaks when the control plane dies, and an operator goes on with no job whose connection is gone.</summary>
internal sealed class Connection(ControlPlane controlPlane)
{
    private readonly int _crashes = controlPlane.Crashes;
    private bool _cut;

    public bool IsCut => _cut || controlPlane.Crashes != _crashes;

    public void Cut() => _cut = true;
}
