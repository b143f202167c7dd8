using System.Text.Json.Nodes;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Tests.Support;

/// <summary>A job as the operator has it.</summary>
internal sealed record HandedOut(JobTicket Ticket, JsonNode Document)
{
    public string Type => Document["job_type"]!.GetValue<string>();

    public string Group => Document["group_name"]!.GetValue<string>();
}

/// <summary>One worker connection of a workflow's backend, as a gateway drives it: next job, its document, its result.</summary>
internal sealed class ScriptedOperator(Submitted workflow, string session)
{
    private IBackendGrain Backend => workflow.World.Grains.GetGrain<IBackendGrain>(workflow.Backend);

    /// <summary>The next job that is not moot.</summary>
    public async Task<HandedOut> Next()
    {
        using var patience = new CancellationTokenSource(World.Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (await Poll(patience.Token) is not { } ticket)
            {
                continue;
            }

            var prepared = await World.Retry(() => workflow.World.Grains.GetGrain<IWorkflowGrain>(ticket.WorkflowUuid).PrepareJob(ticket.JobId, ticket.Order));
            if (!prepared.IsMoot)
            {
                return new HandedOut(ticket, JsonNode.Parse(prepared.Document.Span)!);
            }

            await World.Retry(() => Backend.CloseJob(session, ticket.JobId));
        }
    }

    public async Task<HandedOut> Next(string type)
    {
        var job = await Next();
        Assert.Equal(type, job.Type);
        return job;
    }

    public Task<JobTicket?> Poll(CancellationToken cancellation = default) => World.Retry(() => Backend.NextJob(session, cancellation));

    public Task Succeed(HandedOut job) => Finish(job, succeeded: true, "");

    public Task Fail(HandedOut job, string message) => Finish(job, succeeded: false, message);

    /// <summary>Takes the next job, which is of this type, and succeeds with it.</summary>
    public async Task<HandedOut> Do(string type)
    {
        var job = await Next(type);
        await Succeed(job);
        return job;
    }

    public Task<int> Return(HandedOut job) => World.Retry(() => Backend.ReturnJob(session, job.Ticket.JobId));

    public Task<bool> Renew(string jobId) => World.Retry(() => Backend.RenewJob(session, jobId));

    public Task Leave() => World.Retry(() => Backend.EndSession(session));

    private async Task Finish(HandedOut job, bool succeeded, string message)
    {
        await World.Retry(() => workflow.World.Grains.GetGrain<IWorkflowGrain>(job.Ticket.WorkflowUuid).FinishJob(new JobResult(job.Ticket.JobId, succeeded, message)));
        await World.Retry(() => Backend.CloseJob(session, job.Ticket.JobId));
    }
}
