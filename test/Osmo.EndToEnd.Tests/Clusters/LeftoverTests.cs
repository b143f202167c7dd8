using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.Gateway;
using Osmo.Silo;
using Osmo.Storage;
using Osmo.Testing;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.EndToEnd.Tests.Clusters;

/// <summary>
/// What stays behind in a cluster goes away, although no pod ever tells of it. Control plane and operator are in this process, since ten minutes have to pass.
/// </summary>
[Collection(Lanes.Second)]
public sealed class LeftoverTests : IAsyncLifetime, IDisposable
{
    private const string Namespace = "osmo-workflows";

    private static readonly Resource PodGroups = Resource.Usual.Single(resource => resource.Kind == "PodGroup");

    private readonly DataDirectory _data = new();
    private readonly SteppedClock _clock = new();
    private FakeKubernetes _apiServer = null!;
    private WebApplication _controlPlane = null!;
    private IHost _operator = null!;

    public async Task InitializeAsync()
    {
        _apiServer = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = [Namespace] });
        new FakeCluster(_apiServer, Namespace).AddNode("n1");
        _controlPlane = BuildControlPlane();
        await _controlPlane.StartAsync();
        _operator = BuildOperator();
        await _operator.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _operator.StopAsync();
        _operator.Dispose();
        await _controlPlane.StopAsync();
        await _controlPlane.DisposeAsync();
        await _apiServer.DisposeAsync();
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Objects_OfACreationThatFailed_WhoseCleanupWasRefused_GoAwayLater()
    {
        using var user = new User(_data.Port, "jo");
        await Eventually.Holds(
            async () => (await user.Get("/api/resources?all_pools=true")).Text.Contains("n1", StringComparison.Ordinal),
            () => "the node is not known",
            StandaloneProcess.Limit);
        _apiServer.Writes.Admission = document =>
            (string?)document["kind"] == "Pod" ? new ApiException(403, "Forbidden", "pods \"p\" is forbidden: exceeded quota: none") : null;
        _apiServer.Faults.Allowed = call => call.Verb != "delete";

        var ended = await user.End(await user.Submit(Specs.Script("never", "true")));

        Assert.Equal("FAILED_SERVER_ERROR", (string?)ended["status"]);
        Assert.Contains("exceeded quota", ended["groups"]![0]!["failure_message"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty(Left(Resource.Pods));
        Assert.NotEmpty(Left(Resource.Secrets));
        Assert.NotEmpty(Left(PodGroups));

        _apiServer.Faults.Allowed = null;
        _clock.Advance(TimeSpan.FromMinutes(10));

        await Eventually.Holds(
            () => Left(Resource.Secrets).Count == 0 && Left(PodGroups).Count == 0,
            () => "what was created is still there",
            StandaloneProcess.Limit);
    }

    private IReadOnlyList<StoredObject> Left(Resource resource) => _apiServer.Storage.List(resource, Namespace).Items;

    private WebApplication BuildControlPlane()
    {
        var configuration = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "configuration.json");
        File.WriteAllText(configuration, new JsonObject
        {
            ["service"] = new JsonObject { ["service_base_url"] = $"http://127.0.0.1:{_data.Port}" },
            ["workflow"] = new JsonObject
            {
                ["workflow_data"] = new JsonObject { ["credential"] = new JsonObject { ["endpoint"] = $"file://{_data.Path}/task-data" } },
                ["backend_images"] = new JsonObject { ["init"] = "osmo-runtime", ["client"] = "osmo-runtime" },
            },
        }.ToJsonString());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_data.Port}");
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddOsmoStorage(new StorageOptions { Database = $"sqlite:{_data.Path}/osmo.db", Objects = $"file:{_data.Path}/objects" });
        builder.AddOsmoSilo(silo =>
        {
            (silo.SiloPort, silo.GatewayPort) = (FreePort.Next(), FreePort.Next());
            silo.Configuration = configuration;
        });
        builder.Services.AddOsmoGateway(builder.Configuration);
        var app = builder.Build();
        app.MapOsmoGateway();
        return app;
    }

    private IHost BuildOperator()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ICluster>(
            new KubernetesCluster(
                new ClusterAccess { Server = _apiServer.Url },
                new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1), RefusalPatience = TimeSpan.Zero },
                TimeProvider.System));
        builder.Services.AddOsmoBackendOperator(new BackendOperatorOptions
        {
            ServiceUrl = new Uri($"http://127.0.0.1:{_data.Port}"),
            Backend = "default",
            Namespace = Namespace,
            Credential = new OperatorCredential.Dev("osmo-operator"),
            LeftoverPeriod = TimeSpan.FromSeconds(1),
        });
        return builder.Build();
    }
}
