using System.Text.Json;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Standalone;

/// <summary>What the configuration must say on this machine: where tasks connect to, where their data goes, and that no gang scheduler is there.</summary>
internal sealed class StandaloneConfiguration(IGrainFactory grains, StandaloneOptions options) : IHostedLifecycleService
{
    /// <summary>The names that <see cref="ConfigurationSnapshot.Default"/> gives a fresh installation.</summary>
    public const string Backend = "default";

    public const string Pool = "default";

    public const string Namespace = "osmo-workflows";

    private const int TriesMax = 10;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the engine has started and before the server takes requests, since hosted services start in the order of their registration.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var stored = await grain.Get(knownVersion: -1);
            var current = stored.Json is null
                ? ConfigurationSnapshot.Default
                : JsonSerializer.Deserialize<ConfigurationSnapshot>(stored.Json, ConfigurationJson.Storage)!;
            var wanted = JsonSerializer.Serialize(Adapt(current), ConfigurationJson.Storage);
            if (wanted == stored.Json || (await grain.Replace(stored.Version, wanted)).Json == wanted)
            {
                return;
            }
        }

        throw new StandaloneException("The configuration is being changed by somebody else all the time; start again.");
    }

    public Task StartedAsync(CancellationToken cancellationToken) => grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private ConfigurationSnapshot Adapt(ConfigurationSnapshot current)
    {
        var backend = current.Backends.GetValueOrDefault(Backend) ?? new BackendConfig();
        var data = current.Workflow.WorkflowData;
        return current with
        {
            Service = current.Service with { ServiceBaseUrl = options.Url.ToString().TrimEnd('/') },
            Workflow = current.Workflow with { WorkflowData = data with { Credential = data.Credential ?? DataFolder() } },
            Backends = current.Backends.SetItem(Backend, backend with
            {
                SchedulerSettings = backend.SchedulerSettings with { SchedulerType = SchedulerType.Default, SchedulerName = "default-scheduler" },
            }),
        };
    }

    /// <summary>A folder of this machine, which the tasks reach as they are its processes.</summary>
    private StorageCredential DataFolder() => new() { Endpoint = new Uri(Path.Combine(options.DataDirectory, "task-data")).AbsoluteUri };
}
