using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Testing;
using Osmo.Workflows.Configuration;
using static Osmo.Gateway.Tests.Operators.WorkerScript;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>Queues and tests on a backend as the configuration wants them (contract: backend-protocol §10.8, §14).</summary>
public sealed class WantedStateTests : IAsyncLifetime
{
    private static readonly string Uuid = new('a', 32);

    private readonly ManualTime _time = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(_time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Queues_OfABackendWithKai_AreSynchronizedAtTheStartAndWhenPoolsChange()
    {
        using var worker = await Connect();
        var first = await ReceiveJob(worker);
        Assert.Equal(("BackendSynchronizeQueues", "default"), ((string?)first["job_type"], (string?)first["backend"]));
        Assert.Equal(["osmo-default-osmo", "osmo-pool-osmo-default"], Names(first));
        await Answer(worker, JobOutcome.Success);
        await Asked();
        await _gateway.Configure(configuration => configuration with { Pools = configuration.Pools.Add("more", configuration.Pools["default"]) });
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
        Assert.Contains("osmo-pool-osmo-more", Names(await ReceiveJob(worker)));

        static IEnumerable<string?> Names(JsonObject job) => job["k8s_resources"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]);
    }

    [Fact]
    public async Task Queues_ThatCannotBeSynchronized_AreTriedAgainAfterGrowingPauses_NotBeforeEveryJob()
    {
        using var worker = await Connect();
        var first = await ReceiveJob(worker);
        for (var pause = TimeSpan.FromSeconds(5); pause <= TimeSpan.FromSeconds(20); pause *= 2)
        {
            await Answer(worker, JobOutcome.FailedRetry, "the webhook is down");
            await Asked();
            _time.Advance(pause - TimeSpan.FromTicks(1));
            await DoJob(worker);
            await Asked();
            _time.Advance(TimeSpan.FromTicks(1));
            await DoJob(worker);
            var again = await ReceiveJob(worker);
            Assert.Equal("BackendSynchronizeQueues", (string?)again["job_type"]);
            Assert.Equal(first["k8s_resources"]!.ToJsonString(), again["k8s_resources"]!.ToJsonString());
            Assert.NotEqual((string?)first["job_id"], (string?)again["job_id"]);
        }

        await Answer(worker, JobOutcome.Success);
        await DoJob(worker);
        Assert.Equal(1, _gateway.Logged.Count("the webhook is down"));
    }

    [Fact]
    public async Task Queues_ThatCannotBeSynchronized_AreTriedAtOnceWhenTheConfigurationChanges()
    {
        using var worker = await Connect();
        await ReceiveJob(worker);
        await Answer(worker, JobOutcome.FailedRetry, "the webhook is down");
        await Asked();
        await _gateway.Configure(configuration => configuration with { Pools = configuration.Pools.Add("more", configuration.Pools["default"]) });
        await DoJob(worker);
        Assert.Equal("BackendSynchronizeQueues", (string?)(await ReceiveJob(worker))["job_type"]);
    }

    [Fact]
    public async Task Queues_OfABackendWithoutKai_AreLeftAlone()
    {
        await _gateway.Configure(configuration => configuration with
        {
            Backends = configuration.Backends.SetItem(
                "default", new BackendConfig { SchedulerSettings = new SchedulerSettings { SchedulerType = SchedulerType.Default } }),
        });
        using var worker = await Connect();
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
    }

    [Fact]
    public async Task Tests_OfABackend_AreSentAtTheStartAndWhenTheyChange()
    {
        await _gateway.Configure(configuration => configuration with
        {
            BackendTests = configuration.BackendTests.Add("gpu", new BackendTestConfig
            {
                Name = "gpu", CronSchedule = "0 * * * *", NodeConditions = ["GpuLessThanTotal"], CommonPodTemplate = ["default_user"],
            }),
            Backends = configuration.Backends.SetItem("default", configuration.Backends["default"] with { Tests = ["gpu"] }),
        });
        using var worker = await Register();
        var tests = await ReceiveJob(worker);
        Assert.Equal("BackendSynchronizeBackendTest", (string?)tests["job_type"]);
        Assert.Contains("sync-tests", (string?)tests["job_id"], StringComparison.Ordinal);
        var gpu = tests["test_configs"]!["gpu"]!;
        Assert.Equal(("0 * * * *", "300s"), ((string?)gpu["cron_schedule"], (string?)gpu["test_timeout"]));
        Assert.NotNull(gpu["parsed_pod_template"]!["spec"]);
        await Answer(worker, JobOutcome.Success);
        await Asked();

        await _gateway.Configure(configuration => configuration with
        {
            BackendTests = configuration.BackendTests.Clear(),
            Backends = configuration.Backends.SetItem("default", configuration.Backends["default"] with { Tests = [] }),
        });
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
        Assert.Equal("{}", (await ReceiveJob(worker))["test_configs"]!.ToJsonString());
    }

    private Task<ClientWebSocket> Connect() => ConnectOwn(_gateway);

    private async Task<ClientWebSocket> Register()
    {
        var worker = await Connect();
        Assert.Equal("BackendSynchronizeQueues", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
        return worker;
    }

    /// <summary>The gateway wants no other job first.</summary>
    private Task<string> Asked() => _gateway.Backend("default").Asked.Reader.ReadAsync().Soon();

    private async Task Offer(string type)
    {
        _gateway.Workflow(Uuid).OnPrepareJob = id => new(Encoding.UTF8.GetBytes($$"""{"job_type":"{{type}}","job_id":"{{id}}"}"""));
        await _gateway.Backend("default").AddJobs([new JobTicket("job-1", Uuid, "t-group", 1)]);
    }

    /// <summary>Does the job of a group, which is the next to come.</summary>
    private async Task DoJob(ClientWebSocket worker)
    {
        await Offer("CreateGroup");
        Assert.Equal("CreateGroup", (string?)(await ReceiveJob(worker))["job_type"]);
        await Answer(worker, JobOutcome.Success);
    }
}
