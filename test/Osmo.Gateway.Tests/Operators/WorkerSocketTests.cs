using System.Net.WebSockets;
using System.Text;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Storage.State;
using Osmo.Testing;
using static Osmo.Gateway.Tests.Operators.WorkerScript;

namespace Osmo.Gateway.Tests.Operators;

public sealed class WorkerSocketTests : IAsyncLifetime
{
    /// <summary>No lease of a job ends because the machine is busy.</summary>
    private readonly ManualTime _time = new();

    private TestGateway _gateway = null!;
    private string _uuid = "";
    private string _taskUuid = "";

    private FakeBackend Backend => _gateway.Backend("default");

    private FakeWorkflow Workflow => _gateway.Workflow(_uuid);

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start(_time);
        var stored = GoldenExchange.Single("workflow-query-failed").Body!;
        _uuid = (string)stored["uuid"]!;
        _taskUuid = (string)stored["groups"]![0]!["tasks"]![0]!["task_uuid"]!;
        await GoldenWorkflow.Store(_gateway, stored);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Worker_GetsAHeartbeatAtOnce_BeforeInit()
    {
        using var worker = await _gateway.Connect("/api/agent/worker/backend/default");
        Assert.Equal("""{"type":"heartbeat"}""", (await worker.ReceiveJson(WebSocketMessageType.Text)).ToJsonString());
    }

    [Fact]
    public async Task Job_ThatSucceeds_IsFinishedAndClosed()
    {
        using var worker = await Register();
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
        Assert.Equal("job-1", await Backend.Closed.Reader.ReadAsync().Soon());
        Assert.Equal(new JobResult("job-1", true, ""), await Workflow.Finished.Reader.ReadAsync().Soon());
    }

    [Fact]
    public async Task Job_ThatAnotherHasByNow_IsNotSent()
    {
        Backend.OnRenewJob = id => id != "job-1";
        using var worker = await Register();
        await Offer("CreateGroup");
        await Offer("CleanupGroup", "job-2");
        Assert.Equal("job-2", (string?)(await ReceiveJob(worker))["job_id"]);
    }

    [Fact]
    public async Task Job_ThatAnotherGetsMeanwhile_EndsTheConnection_SoThatTheWorkerStops()
    {
        using var worker = await Register();
        await Offer("CreateGroup");
        await ReceiveJob(worker);
        Backend.OnRenewJob = _ => false;
        await _time.TimerDueAt(_time.GetUtcNow() + JobLease.RenewPeriod);
        _time.Advance(JobLease.RenewPeriod);
        await worker.ReceiveClose();
        Assert.False(Workflow.Finished.Reader.TryRead(out _));
        Assert.False(Backend.Closed.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Job_ThatIsMoot_IsClosedUnsent()
    {
        using var worker = await Register();
        await Backend.AddJobs([new JobTicket("job-1", _uuid, "t-group", 1)]);
        Assert.Equal("job-1", await Backend.Closed.Reader.ReadAsync().Soon());
        Assert.False(Workflow.Finished.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Job_ThatFailsForGood_IsFinishedAsFailed()
    {
        using var worker = await Register();
        await Offer("CreateGroup");
        await ReceiveJob(worker);
        await Answer(worker, JobOutcome.FailedNoRetry, "no such namespace");
        Assert.Equal(new JobResult(
            "job-1", false, "Backend execution failed: no such namespace"), await Workflow.Finished.Reader.ReadAsync().Soon());
        Assert.Equal("job-1", await Backend.Closed.Reader.ReadAsync().Soon());
    }

    [Fact]
    public async Task Job_ThatCannotBePrepared_IsFinishedAsFailed_AndTheConnectionKept()
    {
        using var worker = await Register();
        Workflow.OnPrepareJob = _ => throw new InvalidOperationException("A defect.");
        await Backend.AddJobs([new JobTicket("w-g-submit", _uuid, "t-group", 1)]);
        Assert.Equal(
            new JobResult("w-g-submit", false, "Job w-g-submit could not be prepared: A defect."),
            await Workflow.Finished.Reader.ReadAsync().Soon());
        Assert.Equal("w-g-submit", await Backend.Closed.Reader.ReadAsync().Soon());
        await Offer("CreateGroup", "job-2");
        await ReceiveJob(worker);
    }

    public static TheoryData<string, Exception> PreparationsThatWait => new()
    {
        { "w-g-000002-backend-cleanup", new InvalidOperationException("A defect.") },
        { "w-g-submit", StorageFailures.Portable() },
    };

    [Theory]
    [MemberData(nameof(PreparationsThatWait))]
    public async Task CleanUp_OrAnyJobWhoseStorageFails_IsPutBack_AndTheConnectionKept(string job, Exception failure)
    {
        using var worker = await Register();
        Workflow.OnPrepareJob = _ => throw failure;
        await Backend.AddJobs([new JobTicket(job, _uuid, "t-group", 1)]);
        Assert.Equal(job, await Backend.Returned.Reader.ReadAsync().Soon());
        await Offer("CreateGroup", "job-2");
        await ReceiveJob(worker);
        Assert.False(Workflow.Finished.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("CreateGroup", "job-1", 4, false)]
    [InlineData("CreateGroup", "job-1", 5, true)]
    [InlineData("CleanupGroup", "job-1-backend-cleanup", 50, false)]
    public async Task Job_ThatFailsForNow_IsPutBack_ButNotForEver(string type, string id, int handOuts, bool givenUp)
    {
        Backend.HandOuts = handOuts;
        using var worker = await Register();
        await Offer(type, id);
        await ReceiveJob(worker);
        await Answer(worker, JobOutcome.FailedRetry, "busy");
        Assert.Equal(id, await Backend.Returned.Reader.ReadAsync().Soon());

        // The next job shows that this one has been dealt with.
        await Offer(type, "job-2");
        await ReceiveJob(worker);
        Assert.Equal(givenUp, Workflow.Finished.Reader.TryRead(out var result));
        if (givenUp)
        {
            Assert.Equal(new JobResult("job-1", false, "Job job-1 failed after retrying 5 times: busy"), result);
        }
    }

    [Theory]
    [InlineData("job-1", 19, false)]
    [InlineData("job-1", 20, true)]
    [InlineData("job-1-backend-cleanup", 500, false)]
    public async Task Job_OverWhichConnectionsEnd_FailsInTheEnd(string id, int breaks, bool givenUp)
    {
        using var worker = await Register();
        await Offer("CreateGroup", id, breaks);
        if (givenUp)
        {
            var reason = $"Job {id} failed after retrying 20 times: each time the connection to the operator ended before its answer.";
            Assert.Equal(new JobResult(id, false, reason), await Workflow.Finished.Reader.ReadAsync().Soon());
            Assert.Equal(id, await Backend.Closed.Reader.ReadAsync().Soon());
            await Offer("CreateGroup", "job-2");
        }

        Assert.NotNull(await ReceiveJob(worker));
    }

    [Fact]
    public async Task PodLogs_AreMaskedAndStored_BeforeTheJobIsFinished()
    {
        Workflow.OnAttach = (_, _) => new("failing-1", true, false, ["s3cr3t-value"]);
        using var worker = await Register();
        await Offer("CleanupGroup");
        await ReceiveJob(worker);
        await Send(worker, new BackendMessage.PodLog("Logs for container t: t ...\n", _taskUuid, 0));
        await Send(worker, new BackendMessage.PodLog("token s3cr3t-value", _taskUuid, 0));
        await Send(worker, new BackendMessage.PodLog("plain s3cr3t-value", _taskUuid, 0, Mask: false));
        await Send(worker, new BackendMessage.PodLog("of nobody", new string('0', 32), 0));
        await Answer(worker, JobOutcome.Success);
        await Backend.Closed.Reader.ReadAsync().Soon();
        var log = _gateway.Log(_uuid);
        Assert.All(log.Appended, append => Assert.Equal((LogStream.Errors, "t", 0), (append.Stream, append.Task, append.RetryId)));
        Assert.Equal("Logs for container t: t ...\n\ntoken [MASKED]\nplain s3cr3t-value\n", log.Text);
        Assert.Single(log.Appended.Select(append => append.HandOut).Distinct());
        Assert.Equal(4, log.Appended.Sum(append => append.LineCount));
        Assert.Equal(4 - log.Appended.Last().LineCount, log.Appended.Last().FirstLine);
    }

    [Fact]
    public async Task PodLogs_OfAConnectionThatBreaks_AreStored_ForThePodsMayBeGone()
    {
        using var worker = await Register();
        await Offer("CleanupGroup");
        await ReceiveJob(worker);
        var (storing, stored) = (new TaskCompletionSource(), new TaskCompletionSource());
        _gateway.Log(_uuid).OnAppend = _ =>
        {
            storing.TrySetResult();
            return stored.Task;
        };
        await Send(worker, new BackendMessage.PodLog("while it could be stored", _taskUuid, 0));
        await storing.Task.Soon();
        var received = _gateway.Logged.Said("that was all");
        await Send(worker, new BackendMessage.PodLog("while storage was busy", _taskUuid, 0));
        await Send(worker, new BackendMessage.Logging(LoggingLevel.Info, "that was all"));
        await received;
        worker.Abort();
        stored.SetResult();

        await Backend.SessionsEnded.Reader.ReadAsync().Soon();
        Assert.Equal("while it could be stored\nwhile storage was busy\n", _gateway.Log(_uuid).Text);
    }

    [Fact]
    public async Task Result_WithoutAJob_EndsTheConnection_ForWhoKnowsWhoseItIs()
    {
        using var worker = await Register();
        await Offer("CreateGroup");
        await ReceiveJob(worker);
        await Answer(worker, JobOutcome.Success);
        await Backend.Closed.Reader.ReadAsync().Soon();
        await Answer(worker, JobOutcome.FailedNoRetry, "of the old connection");
        Assert.Equal((1008, "A job_status came while no job was in flight."), await worker.ReceiveClose());
        worker.Abort();
        Assert.NotEmpty(await Backend.SessionsEnded.Reader.ReadAsync().Soon());
    }

    [Fact]
    public async Task Worker_ThatIsLost_GivesItsJobBack()
    {
        var worker = await Register();
        await Offer("CreateGroup");
        await ReceiveJob(worker);
        worker.Abort();
        worker.Dispose();
        Assert.NotEmpty(await Backend.SessionsEnded.Reader.ReadAsync().Soon());
        Assert.False(Backend.Closed.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Job_TooBigForAFrame_FailsForAnOperatorThatFetchesNothing()
    {
        using var worker = await Register();
        await OfferBig();
        var result = await Workflow.Finished.Reader.ReadAsync().Soon();
        Assert.False(result.Succeeded);
        Assert.StartsWith("The message is too big", result.Message);
    }

    [Fact]
    public async Task Job_TooBigForAFrame_IsSentByReference_AndOnlyToItsBackend()
    {
        using var worker = await Register((WorkerFrame.AcceptsReferenceHeader, "1"));
        var big = await OfferBig();

        var (type, bytes) = await worker.Receive();
        var reference = Assert.IsType<WorkerFrame.Reference>(WorkerFrame.Decode(bytes, isBinary: type == WebSocketMessageType.Binary));
        var frame = await _gateway.Client.GetByteArrayAsync(reference.Path);
        Assert.True(frame.Length > BackendLimits.FrameBytesMax);
        var job = Assert.IsType<WorkerFrame.Job>(WorkerFrame.Decode(frame, isBinary: true));
        Assert.Equal(big, (string?)job.Document["content"]);
        using (var other = await _gateway.Client.GetAsync(reference.Path.Replace("/default/", "/other/", StringComparison.Ordinal)))
        {
            Assert.Equal(System.Net.HttpStatusCode.NotFound, other.StatusCode);
        }

        await Answer(worker, JobOutcome.Success);
        Assert.True((await Workflow.Finished.Reader.ReadAsync().Soon()).Succeeded);
    }

    [Fact]
    public async Task AdditionalConnection_GetsJobsOfGroupsAlone_AndIsWelcome()
    {
        using var worker = await Connect((WorkerFrame.AdditionalHeader, "1"), (WorkerFrame.ConnectionHeader, "w-2/7"));
        Assert.Equal($"{BackendLimits.ParallelJobsMax}", worker.HttpResponseHeaders![WorkerFrame.ParallelJobsHeader].Single());
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
    }

    private async Task<string> OfferBig()
    {
        var noise = new byte[18 << 20];
        new Random(1).NextBytes(noise);
        var big = Convert.ToBase64String(noise);
        Workflow.OnPrepareJob = id => new(Encoding.UTF8.GetBytes($$"""{"job_type":"CreateGroup","job_id":"{{id}}","backend":"default","content":"{{big}}"}"""));
        await Backend.AddJobs([new JobTicket("job-1", _uuid, "t-group", 1)]);
        return big;
    }

    /// <summary>A worker that has done what every new one is asked for.</summary>
    private async Task<ClientWebSocket> Register(params (string Name, string Value)[] headers)
    {
        var worker = await Connect(headers);
        Assert.Equal("BackendSynchronizeQueues", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
        return worker;
    }

    private Task<ClientWebSocket> Connect(params (string Name, string Value)[] headers) => ConnectOwn(_gateway, headers);

    private async Task Offer(string type, string jobId = "job-1", int breaks = 0)
    {
        Workflow.OnPrepareJob = id => new(Encoding.UTF8.GetBytes($$"""{"job_type":"{{type}}","job_id":"{{id}}"}"""));
        await Backend.AddJobs([new JobTicket(jobId, _uuid, "t-group", 1) { Breaks = breaks }]);
    }
}
