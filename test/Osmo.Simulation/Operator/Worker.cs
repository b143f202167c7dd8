using System.Text.Json.Nodes;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

/// <summary>One connection for jobs after the other, with the gateway's side of each: take a job, have it executed, apply the result, close it.</summary>
internal sealed class Worker(SimulatedProcess process, string backend, SimulatedCluster cluster, FaultRates rates)
{
    /// <summary>max_retry_per_job.</summary>
    private const int HandOutsMax = 5;

    private static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(10);

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

        var execution = _execution.Execute(JsonNode.Parse(prepared.Document.Span)!, preparedAt);
        cluster.Record.Start(process, () => Renew(session, execution));
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

    private async Task Renew(string session, Task execution)
    {
        await process.Pause(RenewPeriod);
        while (!execution.IsCompleted)
        {
            await Try(() => cluster.Network.Call(grains => Backend(grains).RenewJob(session)));
            await process.Pause(RenewPeriod);
        }
    }

    private Task SayGoodbye(string session) => Try(() => cluster.Network.Call(grains => Backend(grains).EndSession(session)));

    /// <summary>What is not done is made up for by the end of the lease.</summary>
    private static async Task Try(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (Transience.Is(e))
        {
        }
    }

    private IBackendGrain Backend(IGrainFactory grains) => grains.GetGrain<IBackendGrain>(backend);

    private static IWorkflowGrain Workflow(IGrainFactory grains, JobTicket ticket) => grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid);
}
