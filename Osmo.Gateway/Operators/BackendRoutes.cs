using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Resources;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Resources;

namespace Osmo.Gateway.Operators;

/// <summary>What an operator asks for before it connects (contract: backend-protocol §2, §17; api-rest §18 "Backend").</summary>
internal sealed class BackendRoutes(ClusterReader cluster, ConfigurationCache configuration, TimeProvider time) : IRouteArea
{
    public void Map(RouteTable routes) => routes.Get<BackendAnswer>("/api/configs/backend/{name}", "A registered backend", Read);

    private async Task<IResult> Read(HttpContext context)
    {
        var name = new RequestInput(context).Path("name");
        if (!(await cluster.Backends(context.RequestAborted)).TryGetValue(name, out var backend))
        {
            return Answers.Refused(ErrorCodes.User, $"Backend {name} is not found.", status: StatusCodes.Status404NotFound);
        }

        var config = (await configuration.Get(context.RequestAborted)).Backend(name);
        return Answers.Ok(BackendAnswer.Of(backend, config, time.GetUtcNow().UtcDateTime), GatewayJson.Default.BackendAnswer);
    }
}

public sealed record BackendAnswer(
    string Name,
    string Description,
    string Version,
    string K8sUid,
    string K8sNamespace,
    string DashboardUrl,
    string GrafanaUrl,
    string[] Tests,
    JsonElement SchedulerSettings,
    BackendNodeConditions NodeConditions,
    DateTime LastHeartbeat,
    DateTime CreatedDate,
    string RouterAddress,
    bool Online)
{
    public static BackendAnswer Of(BackendDocument backend, BackendConfig config, DateTime now) => new(
        backend.Name,
        config.Description,
        backend.Version,
        backend.KubernetesUid,
        backend.Namespace,
        config.DashboardUrl,
        config.GrafanaUrl,
        [.. config.Tests],
        JsonSerializer.SerializeToElement(config.SchedulerSettings, ConfigurationJson.Masked),
        new BackendNodeConditions(backend.NodeConditionRules, backend.NodeConditionPrefix),
        backend.LastHeartbeat,
        backend.CreatedDate,
        config.RouterAddress,
        now - backend.LastHeartbeat <= PoolStatusRule.HeartbeatTolerance);
}

public sealed record BackendNodeConditions(ImmutableSortedDictionary<string, string> Rules, string Prefix);
