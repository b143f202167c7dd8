using System.Net.WebSockets;
using System.Text;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Testing;
using static Osmo.Gateway.Tests.Operators.WorkerScript;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>
/// Upstream's worker finishes what it was doing when a connection broke, and sends the result on the next one (contract: backend-protocol §7
/// QUIRK). It does not say which connection this is, nor whose result.
/// </summary>
public sealed class UpstreamWorkerTests : IAsyncLifetime
{
    /// <summary>After so long without a result there are no more of old jobs.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private static readonly string Uuid = new('a', 32);

    private readonly ManualTime _time = new();
    private TestGateway _gateway = null!;

    private FakeBackend Backend => _gateway.Backend("default");

    private FakeWorkflow Workflow => _gateway.Workflow(Uuid);

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(_time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Results_FromBeforeTheBreak_AreNotTakenForThoseOfOtherJobs(int late)
    {
        using (var before = await Connect(_gateway))
        {
            await Serve(before, late: 0);
            before.Abort();
        }

        await Backend.SessionsEnded.Reader.ReadAsync().Soon();
        using var worker = await Connect(_gateway);
        await Serve(worker, late);
        await Answer(worker, JobOutcome.FailedNoRetry, "quota");

        Assert.Equal(new JobResult("job-1", false, "Backend execution failed: quota"), await Workflow.Finished.Reader.ReadAsync().Soon());
        Assert.Equal("job-1", await Backend.Closed.Reader.ReadAsync().Soon());
        await Offer("job-2");
        Assert.Equal("job-2", (string?)(await ReceiveJob(worker))["job_id"]);
    }

    /// <summary>Does what comes, one after the other and after so much that it had before, until the job of a group comes.</summary>
    private async Task Serve(ClientWebSocket worker, int late)
    {
        await Offer("job-1");
        await ReceiveJob(worker);
        var next = ReceiveJob(worker);
        for (; late > 0; late--)
        {
            await Answer(worker, JobOutcome.Success, "of an old job");
            await Task.WhenAny(next, WaitsForQuiet());
        }

        await Answer(worker, JobOutcome.Success);
        var done = $"all is done {Guid.NewGuid()}";
        var answered = _gateway.Logged.Said(done);
        await Send(worker, new BackendMessage.Logging(LoggingLevel.Info, done));
        await answered;
        while (await Task.WhenAny(next, WaitsForQuiet()) != next)
        {
            _time.Advance(Quiet);
        }

        while ((string?)(await next)["job_type"] != "CreateGroup")
        {
            await Answer(worker, JobOutcome.Success);
            next = ReceiveJob(worker);
        }
    }

    /// <summary>The gateway has begun to wait; of all its timers only this one is set for just that long.</summary>
    private Task WaitsForQuiet() => _time.TimerDueAt(_time.GetUtcNow() + Quiet);

    private async Task Offer(string job)
    {
        Workflow.OnPrepareJob = id => new(Encoding.UTF8.GetBytes($$"""{"job_type":"CreateGroup","job_id":"{{id}}"}"""));
        await Backend.AddJobs([new JobTicket(job, Uuid, "t-group", 1)]);
    }
}
