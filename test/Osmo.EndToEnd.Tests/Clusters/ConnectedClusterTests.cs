using System.Diagnostics;
using System.Text.Json.Nodes;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.EndToEnd.Tests.Clusters;

/// <summary>
/// The README's "Connect a cluster": a standalone that waits for an operator, the operator as a program with a kubeconfig, and an API server
/// behind which pods are processes of this machine.
/// </summary>
[Collection(Lanes.Second)]
public sealed class ConnectedClusterTests : IDisposable
{
    private const string Namespace = "osmo-workflows";

    private readonly DataDirectory _data = new();
    private Process? _operator;

    [Fact]
    public async Task Examples_OnAConnectedCluster_EndAsTheyShould()
    {
        await using var apiServer = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = [Namespace] });
        new FakeCluster(apiServer, Namespace).AddNode(ProcessKubelet.Node);
        await using var kubelet = new ProcessKubelet(apiServer, Namespace, Directory.CreateDirectory($"{_data.Path}/k").FullName);
        await using var server = StandaloneProcess.Start(["--operator", "external", "--runtime-image", "osmo-runtime", .. _data.Arguments]);
        await server.Line(line => line.Contains("waits for an operator", StringComparison.Ordinal));
        _operator = await StartOperator(apiServer.Url);
        using var user = new User(_data.Port, "jo");
        await HasNode(user);

        var submitted = new Dictionary<string, string>();
        foreach (var example in (string[])["hello", "serial", "group", "failing"])
        {
            submitted[example] = await user.Submit(await File.ReadAllTextAsync(Installation.Example(example)));
        }

        Assert.Equal("COMPLETED", await End(user, submitted["hello"]));
        Assert.Equal("COMPLETED", await End(user, submitted["serial"]));
        Assert.Equal("COMPLETED", await End(user, submitted["group"]));
        Assert.Equal("FAILED", await End(user, submitted["failing"]));
        Assert.Contains("Hello from Osmo!", await user.Logs(submitted["hello"]), StringComparison.Ordinal);
        await Eventually.Holds(
            () => apiServer.Storage.List(Osmo.Testing.Kubernetes.Api.Resource.Pods, Namespace).Items.Count == 0
                && apiServer.Storage.List(Osmo.Testing.Kubernetes.Api.Resource.Secrets, Namespace).Items.Count == 0,
            () => "objects of ended workflows are left in the cluster",
            StandaloneProcess.Limit);
        Signals.Send(_operator.Id, Signals.Terminate);
        await _operator.WaitForExitAsync().WaitAsync(StandaloneProcess.Limit);
        Assert.Equal(0, _operator.ExitCode);
    }

    /// <summary>As upstream's are: what the init container copies into the pod is in one image, and what its <c>osmo_ctrl</c> calls in another.</summary>
    [Fact]
    public async Task Pod_OfARuntimeInTwoImages_HasEachInItsContainer()
    {
        await using var apiServer = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = [Namespace] });
        new FakeCluster(apiServer, Namespace).AddNode(ProcessKubelet.Node);
        await using var server = StandaloneProcess.Start(
            ["--operator", "external", "--runtime-image", "osmo-init", "--client-image", "osmo-client", .. _data.Arguments]);
        await server.Line(line => line.Contains("waits for an operator", StringComparison.Ordinal));
        _operator = await StartOperator(apiServer.Url);
        using var user = new User(_data.Port, "jo");
        await HasNode(user);

        await user.Submit(await File.ReadAllTextAsync(Installation.Example("hello")));

        await Eventually.Holds(
            () => apiServer.Storage.List(Osmo.Testing.Kubernetes.Api.Resource.Pods, Namespace).Items.Count == 1, () => "there is no pod", StandaloneProcess.Limit);
        var spec = apiServer.Storage.List(Osmo.Testing.Kubernetes.Api.Resource.Pods, Namespace).Items[0].ToJson()["spec"]!;
        Assert.Equal("osmo-init", Image(spec["initContainers"]!, "osmo-init"));
        Assert.Equal("osmo-client", Image(spec["containers"]!, "osmo-ctrl"));
    }

    public void Dispose()
    {
        if (_operator is { HasExited: false } left)
        {
            left.Kill();
        }

        _operator?.Dispose();
        _data.Dispose();
    }

    private static Task HasNode(User user) => Eventually.Holds(
        async () => (await user.Get("/api/resources?all_pools=true")).Text.Contains(ProcessKubelet.Node, StringComparison.Ordinal),
        () => "the node is not known",
        StandaloneProcess.Limit);

    private static string Image(JsonNode containers, string name) =>
        containers.AsArray().Single(container => (string)container!["name"]! == name)!["image"]!.GetValue<string>();

    private static async Task<string> End(User user, string id) => (string)(await user.End(id))["status"]!;

    private async Task<Process> StartOperator(Uri apiServer)
    {
        var config = Path.Combine(_data.Path, "kubeconfig");
        await File.WriteAllTextAsync(config, $$$"""
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "{{{apiServer}}}"}}]}
            """);
        return Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Osmo.BackendOperator.dll"), "--kubeconfig", config, "--service", $"http://127.0.0.1:{_data.Port}",
                "--backend", "default", "--namespace", Namespace, "--log-level", "Error",
            ]))!;
    }
}
