using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;
using Osmo.Storage.Queries;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Meta;

/// <summary>Versions, health, and small facts (contract: api-rest §19).</summary>
internal sealed class MetaRoutes(
    ConfigurationCache configuration,
    VersionGate versions,
    IWorkflowQueries queries,
    Readiness readiness,
    IOptions<GatewayOptions> options) : IRouteArea
{
    public void Map(RouteTable routes)
    {
        routes.Get<VersionAnswer>("/api/version", "Version of the service", ServiceVersion);
        routes.Get<VersionAnswer>("/client/version", "Version of the newest client", NewestClient);
        routes.Get<HealthAnswer>(
            "/health", "The process lives", _ => Task.FromResult(Answers.Ok(HealthAnswer.Ok, GatewayJson.Default.HealthAnswer)));
        routes.Get<HealthAnswer>("/health/ready", "The process can serve", Ready);
        routes.Get<string[]>("/api/users", "Everybody who has submitted a workflow", Users);
        routes.Get<TagsAnswer>("/api/tag", "Tags that workflows may have", Tags);
        routes.Get<PluginsConfig>("/api/plugins/configs", "Settings of the plugins", Plugins);
    }

    private Task<IResult> ServiceVersion(HttpContext context) =>
        Task.FromResult(Answers.Ok(VersionAnswer.Of(options.Value.Version), GatewayJson.Default.VersionAnswer));

    private async Task<IResult> NewestClient(HttpContext context)
    {
        var newest = versions.Newest((await configuration.Get(context.RequestAborted)).Snapshot.Service.CliConfig);
        return context.Request.Headers.Accept.ToString().Contains("text/plain", StringComparison.OrdinalIgnoreCase)
            ? Results.Text(newest.ToString(), "text/plain; charset=utf-8")
            : Answers.Ok(VersionAnswer.Of(newest), GatewayJson.Default.VersionAnswer);
    }

    private async Task<IResult> Ready(HttpContext context) => await readiness.WhyNot(context.RequestAborted) is { } reason
        ? Answers.Detail(StatusCodes.Status503ServiceUnavailable, reason)
        : Answers.Ok(HealthAnswer.Ok, GatewayJson.Default.HealthAnswer);

    private async Task<IResult> Users(HttpContext context) =>
        Answers.Ok([.. await queries.Users(context.RequestAborted)], GatewayJson.Default.StringArray);

    private async Task<IResult> Tags(HttpContext context) => Answers.Ok(
        new TagsAnswer([.. (await configuration.Get(context.RequestAborted)).Snapshot.Workflow.WorkflowInfo.Tags]),
        GatewayJson.Default.TagsAnswer);

    private async Task<IResult> Plugins(HttpContext context) => Results.Json(
        (await configuration.Get(context.RequestAborted)).Snapshot.Workflow.PluginsConfig, ConfigurationJson.Masked, Answers.Json);
}

/// <summary>A version as texts.</summary>
public sealed record VersionAnswer(string Major, string Minor, string Revision, string Hash)
{
    public static VersionAnswer Of(ClientVersion version) =>
        new($"{version.Major}", $"{version.Minor}", $"{version.Revision}", version.Hash);
}

public sealed record HealthAnswer(string Status)
{
    public static HealthAnswer Ok { get; } = new("OK");
}

public sealed record TagsAnswer(string[] Tags);
