using System.Diagnostics;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Hosting;
using Osmo.Protocol.Backend;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.BackendOperator.Tests;

/// <summary>The operator as a program: its command line, and a run against an API server.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly List<Process> _started = [];

    public void Dispose()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    [Theory]
    [InlineData("--backend b --namespace n", "--service is missing")]
    [InlineData("--service nowhere --backend b --namespace n", "--service is 'nowhere'")]
    [InlineData("--service ftp://x --backend b --namespace n --user u", "--service is 'ftp://x/'")]
    [InlineData("--service http://127.0.0.1:1 --namespace n", "--backend is missing")]
    [InlineData("--service http://127.0.0.1:1 --backend b", "--namespace is missing")]
    [InlineData("--service http://127.0.0.1:1 --backend b/c --namespace n", "--backend is 'b/c'")]
    [InlineData("--service https://osmo.example.com --backend b --namespace n", "--token-file is missing")]
    [InlineData("--service https://osmo.example.com --backend b --namespace n --user u --token-file t", "exclude each other")]
    [InlineData("--service https://osmo.example.com --backend b --namespace n --token-file /nowhere/token", "--token-file is '/nowhere/token'")]
    [InlineData("--service http://127.0.0.1:1 --backend b --namespace n --max-unacked-messages 0", "--max-unacked-messages is '0'")]
    [InlineData("--service http://127.0.0.1:1 --backend b --namespace n --parallel-jobs 33", "--parallel-jobs is '33'")]
    public void Settings_ThatAreWrong_AreNamed(string arguments, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => Read(arguments).ToOptions());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_FromEnvironmentAndUpstreamNames_AreUnderstood()
    {
        var variables = new Dictionary<string, string>
        {
            ["OSMO_SERVICE"] = "http://127.0.0.1:8000", ["OSMO_BACKEND"] = "from-environment", ["OSMO_NAMESPACE"] = "n", ["OSMO_INCLUDE_NAMESPACE_USAGE"] = "a, b",
        };

        var settings = Read("--backend given --node_condition_prefix \"\" --api_qps 7", variables.GetValueOrDefault);
        var options = settings.ToOptions();

        Assert.Equal(("given", "n", ""), (options.Backend, options.Namespace, options.NodeConditionPrefix));
        Assert.Equal("a b", string.Join(" ", options.IncludeNamespaceUsage));
        Assert.Equal(7, settings.Api.RequestsPerSecond);
        Assert.Equal(new OperatorCredential.Dev("osmo-operator"), options.Credential);
    }

    [Fact]
    public async Task Program_WithAKubeconfig_ReportsAndIsReadyAndStops()
    {
        await using var server = await FakeKubernetes.StartAsync();
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        new FakeCluster(server).AddNode("n1");
        server.Writes.Create(Resource.Pods, "osmo", JsonNode.Parse(
            """{"metadata": {"name": "p", "labels": {"osmo.workflow_uuid": "w", "osmo.task_uuid": "t"} }, "spec": {"containers": [{"name": "user"}]} }""")!.AsObject());
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, $$$"""
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "{{{server.Url}}}"}}]}
            """);

        var program = Start(
            "--kubeconfig", config, "--service", controlPlane.Url.ToString(), "--backend", ScriptedControlPlane.Backend, "--namespace", "osmo", "--user", "tester");
        var pods = await controlPlane.ConnectionAsync("listener/pod");
        var init = await pods.ReceiveInitAsync();
        Assert.Equal((server.Storage.Find(new ObjectKey(Resource.Namespaces, null, "kube-system"))!.Uid, "osmo"), (init.K8sUid, init.K8sNamespace));
        Assert.Equal("t", (await pods.ReceiveAsync<BackendMessage.UpdatePod>()).TaskUuid);
        foreach (var path in Connection.ConnectionBoard.All.Where(path => path != "listener/pod"))
        {
            await controlPlane.ConnectionAsync(path);
        }

        using var terminate = Process.Start("kill", ["-TERM", program.Id.ToString()]);
        await program.WaitForExitAsync(Waiting.Deadline());
        File.Delete(config);

        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task Program_WithoutACluster_SaysSoAndEnds()
    {
        var program = Start("--service", "http://127.0.0.1:1", "--backend", "b", "--namespace", "n", "--kubeconfig", "/nowhere/config");

        var error = await program.StandardError.ReadToEndAsync(Waiting.Deadline());
        await program.WaitForExitAsync(Waiting.Deadline());

        Assert.Equal(1, program.ExitCode);
        Assert.StartsWith("osmo-operator: The kubeconfig /nowhere/config cannot be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_FollowsTheConnections()
    {
        var board = new Connection.ConnectionBoard();
        using var page = new Osmo.Hosting.Metrics.MetricsPage();
        var metrics = Metrics.New();
        metrics.Queue("listener/pod", () => 7, () => 3);
        metrics.JobEnded("CreateGroup", "Success", TimeSpan.FromSeconds(2));
        metrics.Requested("create", 201, TimeSpan.FromMilliseconds(20));
        await using var endpoint = new HealthEndpoint(board, page, port: 0);
        await endpoint.StartAsync(default);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{endpoint.Port}") };

        Assert.Equal("ok", await http.GetStringAsync("/livez"));
        using (var unready = await http.GetAsync("/readyz"))
        {
            Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, unready.StatusCode);
            Assert.Contains("worker", await unready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        foreach (var path in Connection.ConnectionBoard.All)
        {
            board.Up(path);
        }

        Assert.Equal("ok", await http.GetStringAsync("/readyz"));
        var measured = await http.GetStringAsync("/metrics");
        Assert.Contains("osmo_operator_queue_length{stream=\"listener/pod\"} 7\n", measured, StringComparison.Ordinal);
        Assert.Contains("osmo_operator_job_duration_seconds_sum{outcome=\"Success\",type=\"CreateGroup\"} 2\n", measured, StringComparison.Ordinal);
        Assert.Contains("osmo_operator_api_duration_seconds_count{code=\"201\",verb=\"create\"} 1\n", measured, StringComparison.Ordinal);
        await endpoint.StopAsync(default);
    }

    private static OperatorSettings Read(string arguments, Func<string, string?>? environment = null)
    {
        OperatorSettings? read = null;
        var command = new OperatorCommand(environment ?? (_ => null)).Create((settings, _) =>
        {
            read = settings;
            return Task.CompletedTask;
        });
        Assert.Equal(0, command.Parse(arguments).Invoke());
        return read!;
    }

    private Process Start(params string[] arguments)
    {
        var process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Osmo.BackendOperator.dll"), .. arguments]) { RedirectStandardError = true })!;
        _started.Add(process);
        return process;
    }
}
