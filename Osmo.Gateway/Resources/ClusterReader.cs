using System.Collections.Immutable;
using Osmo.Gateway.Meta;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Resources;
using Osmo.Workflows.Templates;

namespace Osmo.Gateway.Resources;

/// <summary>What operators reported of their clusters, as stored.</summary>
internal sealed class ClusterReader(
    IWorkflowQueries queries, ConfigurationCache configuration, ITemplateRenderer renderer, TimeProvider time)
{
    private ResourceModel? _model;

    public async Task<ImmutableArray<NodeDocument>> Nodes(
        IReadOnlyCollection<string>? backends, string? hostname, CancellationToken cancellation)
    {
        var rows = await queries.Nodes(backends, hostname, cancellation);
        return [.. rows.Select(row => StoredDocument.Parse(row, DocumentJson.Default.NodeDocument))];
    }

    /// <summary>By name.</summary>
    public async Task<ImmutableDictionary<string, BackendDocument>> Backends(CancellationToken cancellation)
    {
        var rows = await queries.Backends(cancellation);
        return rows
            .Select(row => StoredDocument.Parse(row, DocumentJson.Default.BackendDocument))
            .ToImmutableDictionary(backend => backend.Name);
    }

    /// <summary>How nodes are read by the current configuration; built once per version.</summary>
    public async ValueTask<ResourceModel> Model(CancellationToken cancellation)
    {
        var current = await configuration.Get(cancellation);
        if (Volatile.Read(ref _model) is { } known && ReferenceEquals(known.Configuration, current))
        {
            return known;
        }

        var model = new ResourceModel(current, renderer);
        Volatile.Write(ref _model, model);
        return model;
    }

    /// <summary>Tells the status of pools by the last heartbeat of their backends.</summary>
    public async Task<Func<PoolModel, PoolStatus>> PoolStatuses(CancellationToken cancellation)
    {
        var backends = await Backends(cancellation);
        var now = time.GetUtcNow().UtcDateTime;
        return pool => PoolStatusRule.Of(pool, backends.GetValueOrDefault(pool.Backend)?.LastHeartbeat, now);
    }
}
