using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Sockets;
using Osmo.Gateway.Workflows;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Runtime;

namespace Osmo.Gateway.Runtimes;

/// <summary>The WebSocket of a task's in-pod runtime (contract: runtime-protocol §7). It needs a token of that very workflow.</summary>
internal sealed partial class RuntimeRoutes(
    IGrainFactory grains,
    WorkflowReader workflows,
    ConfigurationCache configuration,
    TaskTokens tokens,
    RuntimeMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<RuntimeRoutes> logger) : IRouteArea
{
    /// <summary>Largest message of a runtime; ours stay below <see cref="LoggerProtocol.MaximumFrameBytes"/>.</summary>
    private const int MessageBytesMax = 16 << 20;

    private const string BearerScheme = "Bearer ";

    /// <summary>There are many tasks, and each waits for its own lines only.</summary>
    private const int ReadAheadBytesMax = 256 << 10;

    public void Map(RouteTable routes) => routes.Socket("/api/logger/workflow/{name}/osmo_ctrl/{task}/retry_id/{retry_id}", Connect);

    private async Task Connect(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, task, retryId) = (input.Path("name"), input.Path("task"), input.PathInt("retry_id"));
        if (input.IsInvalid(out var invalid))
        {
            await invalid.ExecuteAsync(context);
            return;
        }

        var head = await workflows.Head(name, context.RequestAborted);
        if (await Refusal(context, head?.WorkflowId) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        var resume = OfferedResume(context.Request);
        if (resume is not null)
        {
            context.Response.Headers[LoggerProtocol.LineAcksHeader] = LoggerProtocol.LineAcksVersion;
        }

        using var socket = new MessageSocket(await context.WebSockets.AcceptWebSocketAsync(), MessageBytesMax, ReadAheadBytesMax, time);
        var attachment = head is null ? null : await grains.GetGrain<IWorkflowGrain>(head.WorkflowUuid).AttachRuntime(task, retryId);
        if (attachment is not { WorkflowId: not null })
        {
            var missing = head is null ? $"Workflow {name} is not found." : $"Task {task} of workflow {name} is not found.";
            await socket.Close(LoggerProtocol.UnknownTaskCloseCode, missing);
            return;
        }

        using var session = new RuntimeSession(
            grains, socket, new RuntimeKey(head!.WorkflowUuid, task, retryId), attachment, resume, metrics, time, logger);
        using (metrics.Connected())
        {
            if (await session.Run(lifetime.ApplicationStopping) is { } failure)
            {
                LogFailed(failure, head.WorkflowId, task, retryId);
            }
        }
    }

    /// <summary>Null when the token is sound and names the workflow.</summary>
    private async Task<IResult?> Refusal(HttpContext context, string? workflowId)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase))
        {
            return Answers.Detail(StatusCodes.Status401Unauthorized, "A task's token is required: Authorization: Bearer <token>.");
        }

        var settings = (await configuration.Get(context.RequestAborted)).Snapshot.Service.ServiceAuth ?? new();
        var named = await tokens.WorkflowOf(settings, header[BearerScheme.Length..].Trim(), context.RequestAborted);
        if (named is null)
        {
            return Answers.Detail(StatusCodes.Status401Unauthorized, "The token is not valid, has expired, or is no task's.");
        }

        return workflowId is null || workflowId == named
            ? null
            : Answers.Detail(StatusCodes.Status403Forbidden, $"The token is for workflow {named}, not for {workflowId}.");
    }

    /// <summary>
    /// How many lines of the attempt the runtime knows to be durable; null when it does not take part in line acknowledgement.
    /// </summary>
    private static long? OfferedResume(HttpRequest request) =>
        request.Headers[LoggerProtocol.LineAcksHeader] == LoggerProtocol.LineAcksVersion
        && long.TryParse(request.Headers[LoggerProtocol.ResumeHeader], System.Globalization.NumberStyles.None, null, out var resume)
            ? resume
            : null;
}

/// <summary>Which attempt a connection belongs to.</summary>
internal sealed record RuntimeKey(string WorkflowUuid, string Task, int RetryId);
