using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Resources;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Workflows;

/// <summary>Makes what turns documents into answers, for one request.</summary>
internal sealed class WorkflowView(ConfigurationCache configuration, ClusterReader cluster, BaseUrl baseUrl, TimeProvider time)
{
    public async ValueTask<WorkflowShapes> Shapes(HttpContext context)
    {
        var model = await configuration.Get(context.RequestAborted);
        return new(await Links(context), model, time.GetUtcNow().UtcDateTime);
    }

    public async ValueTask<WorkflowLinks> Links(HttpContext context)
    {
        var model = await configuration.Get(context.RequestAborted);

        // Most deployments have no dashboards, and then nothing about backends is needed.
        var hasDashboards = model.Snapshot.Backends.Values.Any(backend => backend.DashboardUrl.Length > 0 || backend.GrafanaUrl.Length > 0);
        var backends = hasDashboards ? await cluster.Backends(context.RequestAborted) : ImmutableDictionary<string, BackendDocument>.Empty;
        return new(baseUrl.Of(context, model.Snapshot.Service), model, backends, time.GetUtcNow().UtcDateTime);
    }
}
