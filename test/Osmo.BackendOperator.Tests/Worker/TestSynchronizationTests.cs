using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>Tests of a backend's nodes, against an API server; contract: backend-protocol §14.</summary>
public sealed class TestSynchronizationTests : IAsyncLifetime
{
    private const string Namespace = "osmo-test";

    private const string Template = """
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: {{ resource_name }}
          labels: {app: tests}
        spec:
          schedule: "{{ cron_schedule }}"
          concurrencyPolicy: Forbid
          jobTemplate:
            spec:
              backoffLimit: 2
              template:
                spec:
                  containers:
                    - name: runner
                      env: [{name: BACKEND, value: "{{backend_name}}"}, {name: PREFIX, value: "{{ node_condition_prefix }}"}]
                  volumes: [{name: config, configMap: {name: "{{ configmap_name }}"}}]
        """;

    private readonly string _template = Path.GetTempFileName();
    private FakeKubernetes _server = null!;
    private KubernetesCluster _cluster = null!;

    private static Resource CronJobs => Resource.Usual.Single(resource => resource.Kind == "CronJob");

    private static Resource ConfigMaps => Resource.Usual.Single(resource => resource.Kind == "ConfigMap");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_template, Template);
        _server = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = ["osmo", Namespace] });
        _cluster = Connect(_server);
    }

    public async Task DisposeAsync()
    {
        _cluster.Dispose();
        await _server.DisposeAsync();
        File.Delete(_template);
    }

    [Fact]
    public async Task Tests_AreCreatedChangedAndRemoved_AndLeftAloneWhileTheyAreAsWanted()
    {
        Assert.Equal(JobResult.Success, await RunAsync(Tests(("One", "0 * * * *"), ("two", "5 4 * * *"))));
        Assert.Equal(["one", "two"], Names(CronJobs));
        Assert.Equal(["one-config", "two-config"], Names(ConfigMaps));
        var cronJob = Find(CronJobs, "one");
        Assert.Equal("0 * * * *", (string?)cronJob["spec"]!["schedule"]);
        Assert.Equal(2, (int?)cronJob["spec"]!["jobTemplate"]!["spec"]!["backoffLimit"]);
        Assert.Equal("tests", (string?)cronJob["metadata"]!["labels"]!["app"]);
        Assert.Equal(
            ("backend-test", "b1", "One"),
            ((string?)cronJob["metadata"]!["labels"]!["p/component"], (string?)cronJob["metadata"]!["labels"]!["p/backend"], (string?)cronJob["metadata"]!["labels"]!["p/test"]));
        var config = JsonNode.Parse((string)Find(ConfigMaps, "one-config")["data"]!["test_config.json"]!)!;
        Assert.Equal("300s", (string?)config["test_timeout"]);

        var calls = _server.Calls.Count;
        Assert.Equal(JobResult.Success, await RunAsync(Tests(("One", "0 * * * *"), ("two", "5 4 * * *"))));
        Assert.All(_server.Calls.Skip(calls), call => Assert.Equal("list", call.Verb));

        var kept = (string?)Find(CronJobs, "two")["metadata"]!["uid"];
        Assert.Equal(JobResult.Success, await RunAsync(Tests(("One", "1 * * * *"), ("two", "5 4 * * *"))));
        Assert.Equal("1 * * * *", (string?)Find(CronJobs, "one")["spec"]!["schedule"]);
        Assert.Equal(kept, (string?)Find(CronJobs, "two")["metadata"]!["uid"]);

        Assert.Equal(JobResult.Success, await RunAsync(Tests(("two", "5 4 * * *"))));
        Assert.Equal(["two"], Names(CronJobs));
        Assert.Equal(["two-config"], Names(ConfigMaps));
    }

    [Fact]
    public async Task Tests_OfAnotherBackend_AreNobodysBusiness()
    {
        await RunAsync(Tests(("other", "0 * * * *")), backend: "b2");
        Assert.Equal(JobResult.Success, await RunAsync(Tests()));
        Assert.Equal(["other"], Names(CronJobs));
    }

    [Fact]
    public async Task Tests_WhenTheApiServerRefuses_AreTriedAgain()
    {
        _server.Faults.Allowed = call => call.Verb != "create" || call.Resource.Kind != "CronJob";
        Assert.Equal(JobOutcome.FailedRetry, (await RunAsync(Tests(("one", "0 * * * *")))).Outcome);
        _server.Faults.Allowed = null;
        Assert.Equal(JobResult.Success, await RunAsync(Tests(("one", "0 * * * *"))));
        Assert.Equal(["one"], Names(CronJobs));
    }

    [Theory]
    [InlineData("schedule: '{{ tag }}'", "names 'tag'; known are backend_name")]
    [InlineData("a: [", "is no YAML")]
    [InlineData("text", "is no object")]
    [InlineData("{apiVersion: batch/v1, kind: Job}", "must be a batch/v1 CronJob")]
    public async Task Template_ThatCannotBeUsed_IsNamed(string template, string expected)
    {
        await File.WriteAllTextAsync(_template, template);

        var result = await RunAsync(Tests(("one", "0 * * * *")));

        Assert.Equal(JobOutcome.FailedNoRetry, result.Outcome);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        Assert.Empty(Names(ConfigMaps));
    }

    [Fact]
    public async Task Template_ThatIsNotThere_IsWaitedFor()
    {
        File.Delete(_template);
        Assert.Equal(JobOutcome.FailedRetry, (await RunAsync(Tests(("one", "0 * * * *")))).Outcome);
    }

    private static KubernetesCluster Connect(FakeKubernetes server) => new(
        new ClusterAccess { Server = server.Url },
        new ApiClientOptions { RequestsPerSecond = 10_000, Burst = 10_000, RetryPause = TimeSpan.FromMilliseconds(1), RefusalPatience = TimeSpan.Zero },
        TimeProvider.System);

    private Task<JobResult> RunAsync(JsonObject job, string backend = "b1")
    {
        var options = new BackendOperatorOptions
        {
            ServiceUrl = new Uri("http://127.0.0.1:1"),
            Backend = backend,
            Namespace = "osmo",
            Credential = new OperatorCredential.Dev("tester"),
            TestRunner = new TestRunnerOptions(Namespace, _template),
        };
        return new JobExecutor(_cluster, options, TimeProvider.System).ExecuteAsync(job, (_, _) => Task.CompletedTask, Waiting.Deadline());
    }

    private static JsonObject Tests(params (string Name, string Schedule)[] tests) => new()
    {
        ["job_type"] = "BackendSynchronizeBackendTest",
        ["job_id"] = "b1-sync-tests-1",
        ["backend"] = "b1",
        ["node_condition_prefix"] = "p/",
        ["test_configs"] = new JsonObject(tests.Select(test => KeyValuePair.Create(
            test.Name, (JsonNode?)new JsonObject { ["cron_schedule"] = test.Schedule, ["test_timeout"] = "300s" }))),
    };

    private IEnumerable<string> Names(Resource resource) => _server.Storage.List(resource, Namespace).Items.Select(item => item.Key.Name);

    private JsonObject Find(Resource resource, string name) => _server.Storage.Find(new ObjectKey(resource, Namespace, name))!.ToJson();
}
