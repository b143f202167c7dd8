using System.Text.Encodings.Web;
using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Workflows;
using Osmo.Storage.Queries;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Logs;

/// <summary>Streams of text: logs, events, error logs, specification (contract: api-rest §9).</summary>
internal sealed class LogRoutes(
    LogRequests requests,
    LogFollower follower,
    WorkflowReader workflows,
    ConfigurationCache configuration,
    BaseUrl baseUrl,
    LogMetrics metrics,
    IHostApplicationLifetime lifetime) : IRouteArea
{
    private static readonly QueryParameter<bool> UseTemplate = QueryParameter.Bool("use_template");

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 4,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public void Map(RouteTable routes)
    {
        routes.GetText(
            "/api/workflow/{name}/logs", "Log lines, until the workflow has ended", Logs,
            LogRequests.Last, LogRequests.TaskName, LogRequests.RetryId, LogRequests.Query);
        routes.GetText(
            "/api/workflow/{name}/events", "Pod conditions and cluster events, until the workflow has ended", Events,
            LogRequests.TaskName, LogRequests.RetryId);
        routes.GetText(
            "/api/workflow/{name}/error_logs", "Last lines of a task's failed containers", ErrorLogs,
            LogRequests.Last, LogRequests.TaskName, LogRequests.RetryId, LogRequests.Query);
        routes.GetText("/api/workflow/{name}/spec", "The specification as submitted, or in normal form", Spec, UseTemplate);
    }

    private async Task<IResult> Logs(HttpContext context)
    {
        var (request, refusal) = await requests.Read(context, lines: true, query: true);
        return refusal ?? Stream(request!, LogSource.Logs(request!.Head.WorkflowId, request.Attempt), follow: true);
    }

    private async Task<IResult> Events(HttpContext context)
    {
        var (request, refusal) = await requests.Read(context, lines: false, query: false);
        return refusal ?? Stream(request!, LogSource.Events(request!.Head.WorkflowId, request.Attempt), follow: true);
    }

    private async Task<IResult> ErrorLogs(HttpContext context)
    {
        var (request, refusal) = await requests.Read(context, lines: true, query: true);
        if (refusal is not null)
        {
            return refusal;
        }

        return request!.Attempt is { } attempt
            ? Stream(request, LogSource.Errors(request.Head.WorkflowId, attempt), follow: false)
            : await ErrorLogIndex(context, request);
    }

    /// <summary>Which attempts have error logs, and where.</summary>
    private async Task<IResult> ErrorLogIndex(HttpContext context, LogRequest request)
    {
        var id = request.Head.WorkflowId;
        var url = $"{baseUrl.Of(context, (await configuration.Get(context.RequestAborted)).Snapshot.Service)}/api/workflow/{id}/error_logs";
        var attempts = (await workflows.Read(request.Head.WorkflowUuid, WorkflowDepth.AllAttempts, context.RequestAborted))?.Tasks ?? [];
        var links = attempts.ToDictionary(
            attempt => $"{attempt.Name} retry-{attempt.RetryId}",
            attempt => attempt.Status.HasErrorLogs ? $"{url}?task_name={attempt.Name}&retry_id={attempt.RetryId}" : null);
        return new TextStream(
            "text/plain; charset=us-ascii",
            (response, _) =>
            {
                response.Write($"Specify task for error logs.\n\n{JsonSerializer.Serialize(links, Indented)}\n");
                return Task.CompletedTask;
            },
            lifetime.ApplicationStopping);
    }

    private async Task<IResult> Spec(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, useTemplate) = (input.Path("name"), input.Read(UseTemplate));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (await workflows.Head(name, context.RequestAborted) is not { } head)
        {
            return Answers.WorkflowNotFound(name);
        }

        var stored = await workflows.Spec(head.WorkflowUuid, context.RequestAborted);
        var text = stored is null ? null : ShownSpec.Of(stored, useTemplate);
        return text is null
            ? Answers.Refused(
                ErrorCodes.Database, $"Workflow {head.WorkflowId} has no specification.", head.WorkflowId, StatusCodes.Status404NotFound)
            : new TextStream(
                "text/plain; charset=utf-8",
                (response, _) =>
                {
                    response.Write(text);
                    return Task.CompletedTask;
                },
                lifetime.ApplicationStopping);
    }

    private TextStream Stream(LogRequest request, LogSource source, bool follow) => new(
        "text/plain; charset=us-ascii",
        async (response, cancellation) =>
        {
            using (metrics.Reading())
            {
                await follower.Copy(request.Head, source, follow, response.Sink(request.Last, request.Query), cancellation);
            }
        },
        lifetime.ApplicationStopping);
}
