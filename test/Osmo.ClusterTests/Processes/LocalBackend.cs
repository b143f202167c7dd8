using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator;
using Osmo.BackendOperator.Local;

namespace Osmo.ClusterTests.Processes;

/// <summary>The operator of a backend that is this machine, connected through the balancer; its tasks are processes.</summary>
internal sealed class LocalBackend : IAsyncDisposable
{
    private readonly IHost _host;

    public LocalBackend(string folder, Uri serviceUrl)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddOsmoLocalCluster(new LocalClusterOptions { DataDirectory = folder, SupervisorCommand = [Programs.Runtime, "pod"] });
        builder.Services.AddOsmoBackendOperator(_ => new BackendOperatorOptions
        {
            ServiceUrl = serviceUrl,
            Backend = "default",
            Namespace = "osmo-workflows",
            Credential = new OperatorCredential.Dev("osmo-operator"),
        });
        _host = builder.Build();
    }

    public Task Start() => _host.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else _host.Dispose();
    }
}
