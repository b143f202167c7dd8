using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Resources;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Resources;

namespace Osmo.Gateway.Operators;

/// <summary>The registered backends (contract: backend-protocol §2, §17; api-rest §18 "Backend").</summary>
internal sealed class BackendRoutes(ClusterReader cluster, ConfigurationCache configuration, BackendRemoval removal, TimeProvider time) : IRouteArea
{
    public void Map(RouteTable routes)
    {
        routes.Get<BackendsAnswer>("/api/configs/backend", "All registered backends", List);
        routes.Get<BackendAnswer>("/api/configs/backend/{name}", "A registered backend", Read);
        routes.Delete("/api/configs/backend/{name}", "Deletes a backend", Delete);
    }

    private async Task<IResult> List(HttpContext context)
    {
        var model = await configuration.Get(context.RequestAborted);
        var now = time.GetUtcNow().UtcDateTime;
        var backends = (await cluster.Backends(context.RequestAborted)).Values.OrderBy(backend => backend.Name, StringComparer.Ordinal);
        return Answers.Ok(new BackendsAnswer([.. backends.Select(backend => BackendAnswer.Of(backend, model.Backend(backend.Name), now))]), GatewayJson.Default.BackendsAnswer);
    }

    private async Task<IResult> Read(HttpContext context)
    {
        var name = new RequestInput(context).Path("name");
        if (!(await cluster.Backends(context.RequestAborted)).TryGetValue(name, out var backend))
        {
            return NotFound(name);
        }

        var config = (await configuration.Get(context.RequestAborted)).Backend(name);
        return Answers.Ok(BackendAnswer.Of(backend, config, time.GetUtcNow().UtcDateTime), GatewayJson.Default.BackendAnswer);
    }

    private async Task<IResult> Delete(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, force) = (input.Path("name"), (await input.ReadBody())?.OptionalBool("force") ?? false);
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (!(await cluster.Backends(context.RequestAborted)).ContainsKey(name))
        {
            return NotFound(name);
        }

        return await removal.Remove(name, force, context.RequestAborted) is { } refusal ? Answers.Refused(refusal) : Answers.Null;
    }

    private static IResult NotFound(string name) => Answers.Refused(ErrorCodes.User, $"Backend {name} is not found.", status: StatusCodes.Status404NotFound);
}

public sealed record BackendsAnswer(BackendAnswer[] Backends);

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
