using System.Text.Json;
using Osmo.BackendOperator.Local;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Standalone;

/// <summary>What the configuration must say on this machine: where tasks connect to, where their data goes, and what schedules them.</summary>
internal sealed class StandaloneConfiguration(IGrainFactory grains, IStateStore store, StandaloneOptions options) : IHostedService
{
    /// <summary>The names that <see cref="ConfigurationSnapshot.Default"/> gives a fresh installation.</summary>
    public const string Backend = "default";

    public const string Pool = "default";

    public const string Namespace = "osmo-workflows";

    private const int TriesMax = 10;

    /// <summary>After the engine has started and before the server takes requests, since hosted services start in the order of their registration.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.External is null)
        {
            await CheckCluster(cancellationToken);
        }

        var grain = grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var stored = await grain.Get(knownVersion: -1);
            var wanted = JsonSerializer.Serialize(Adapt(ConfigurationSnapshot.OfStored(stored.Json)), ConfigurationJson.Storage);
            if (wanted == stored.Json || (await grain.Replace(stored.Version, wanted)).Json == wanted)
            {
                return;
            }
        }

        throw new StandaloneException("The configuration is being changed by somebody else all the time; start again.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A database remembers the cluster of its backend; with another data directory no operator could ever register, and its tasks would be lost.</summary>
    private async Task CheckCluster(CancellationToken cancellation)
    {
        var row = await store.Read(new RowKey(RowKind.Backend, Backend), cancellation);
        var registered = row is null ? null : JsonSerializer.Deserialize(row.Document.Span, DocumentJson.Default.BackendDocument);
        if (registered is not null && registered.KubernetesUid != ClusterUid())
        {
            throw new StandaloneException(
                $"The database belongs to another data directory than {options.DataDirectory}: its tasks ran there. "
                + "Start with that --data-dir, or give another --database.");
        }
    }

    private string? ClusterUid()
    {
        try
        {
            return LocalCluster.ReadUid(options.DataDirectory);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new StandaloneException(error.Message, error);
        }
    }

    private ConfigurationSnapshot Adapt(ConfigurationSnapshot current)
    {
        var backend = current.Backends.GetValueOrDefault(Backend) ?? new BackendConfig();
        var data = current.Workflow.WorkflowData;
        var images = current.Workflow.BackendImages;
        return current with
        {
            Service = current.Service with { ServiceBaseUrl = options.TaskUrl },
            Workflow = current.Workflow with
            {
                WorkflowData = data with { Credential = data.Credential ?? DataFolder() },
                BackendImages = options.External is { } external ? images with { Init = external.RuntimeImage, Client = external.ClientImage } : images,
            },
            Backends = current.Backends.SetItem(Backend, backend with
            {
                SchedulerSettings = backend.SchedulerSettings with { SchedulerType = options.Scheduler.SchedulerType, SchedulerName = options.Scheduler.SchedulerName },
            }),
        };
    }

    /// <summary>A folder of this machine, which the tasks reach as they are its processes.</summary>
    private StorageCredential DataFolder() => new() { Endpoint = new Uri(Path.Combine(options.DataDirectory, "task-data")).AbsoluteUri };
}
