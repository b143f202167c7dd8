using System.Text.Json;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Bench.Server;

/// <summary>The configuration of a fresh installation, with a place for task data and a scheduler that needs nothing installed.</summary>
internal static class ServedConfiguration
{
    /// <summary>The names that <see cref="ConfigurationSnapshot.Default"/> gives backend and pool.</summary>
    public const string Backend = "default";

    public const string Pool = "default";

    public static async Task Write(IGrainFactory grains, string url, string folder)
    {
        var fresh = ConfigurationSnapshot.Default;
        var backend = fresh.Backends.GetValueOrDefault(Backend) ?? new BackendConfig();
        var snapshot = fresh with
        {
            Service = fresh.Service with { ServiceBaseUrl = url },
            Workflow = fresh.Workflow with
            {
                WorkflowData = fresh.Workflow.WorkflowData with { Credential = new StorageCredential { Endpoint = new Uri($"{folder}/task-data").AbsoluteUri } },
            },
            Backends = fresh.Backends.SetItem(
                Backend,
                backend with { SchedulerSettings = backend.SchedulerSettings with { SchedulerType = SchedulerType.Default, SchedulerName = "default-scheduler" } }),
        };
        var configuration = grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);
        var stored = await configuration.Get(knownVersion: -1);
        await configuration.Replace(stored.Version, JsonSerializer.Serialize(snapshot, ConfigurationJson.Storage));
    }
}
