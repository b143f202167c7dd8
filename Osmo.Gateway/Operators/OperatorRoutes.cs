using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Sockets;
using Osmo.Gateway.Workflows;
using Osmo.Protocol.Backend;
using Osmo.Storage.Queries;

namespace Osmo.Gateway.Operators;

/// <summary>
/// The WebSockets of a backend's operator (contract: backend-protocol §2). Each connection has its own everything, so a slow backend delays
/// no other.
/// </summary>
internal sealed class OperatorRoutes(
    IGrainFactory grains,
    WorkflowReader workflows,
    IWorkflowQueries queries,
    ConfigurationCache configuration,
    OperatorLog log,
    OperatorMetrics metrics,
    TimeProvider time,
    IOptions<GatewayOptions> options,
    IHostApplicationLifetime lifetime) : IRouteArea
{
    private const string Control = "control";
    private const string Worker = "worker";

    /// <summary>
    /// Room for the largest window of our operator, 10,000 messages of 3 KiB each. Who has more under way than that waits while they wait for storage, and is not answered pings.
    /// </summary>
    private const int ReadAheadBytesMax = 32 << 20;

    private readonly WorkerJobs _jobs = new(grains, configuration, log, metrics, time);
    private readonly Leftovers _leftovers = new(grains);
    private readonly OperatorHandshake _handshake = new(grains, options.Value.OperatorInitTimeout, time);

    public void Map(RouteTable routes)
    {
        foreach (var stream in (ReadOnlySpan<string>)["pod", "node", "event", "heartbeat", "message"])
        {
            routes.Socket($"/api/agent/listener/{stream}/backend/{{name}}", context => Connect(context, stream, Listen));
        }

        routes.Socket($"/api/agent/listener/{Control}/backend/{{name}}", context => Connect(context, Control, Push));
        routes.Socket("/api/agent/worker/backend/{name}", Work);
        // These two are between our operator and us only, so they are no part of the API document.
        routes.Endpoints.MapMethods(
            "/api/agent/worker/backend/{name}/job/{workflow}/{job}",
            [HttpMethods.Get],
            async context => await (await Frame(context)).ExecuteAsync(context)).ExcludeFromDescription();
        routes.Endpoints.MapMethods(
            "/api/agent/listener/backend/{name}/leftovers",
            [HttpMethods.Post],
            async context => await (await _leftovers.Accept(context)).ExecuteAsync(context)).ExcludeFromDescription();
    }

    private async Task Connect(HttpContext context, string stream, Func<MessageSocket, string, ConnectionLog, CancellationToken, Task<Exception?>> serve)
    {
        var backend = new RequestInput(context).Path("name");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var socket = new MessageSocket(await context.WebSockets.AcceptWebSocketAsync(), BackendLimits.FrameBytesMax, ReadAheadBytesMax, time);
        var said = new ConnectionLog(log, backend, time);
        metrics.Connected(backend, stream, 1);
        try
        {
            if (await serve(socket, backend, said, stopping.Token) is { } failure)
            {
                log.Ended(failure, backend, stream);
            }
        }
        finally
        {
            said.End();
            metrics.Connected(backend, stream, -1);
        }
    }

    private async Task<Exception?> Listen(MessageSocket socket, string backend, ConnectionLog said, CancellationToken stopping)
    {
        var names = new TaskNames(workflows, queries, backend, time);
        var reports = new BackendReports(grains, new PodEvents(grains, names, said), new NodeReports(grains, queries));
        using var session = new ListenerSession(socket, backend, _handshake, reports, said, metrics, time);
        return await session.Run(stopping);
    }

    private Task<Exception?> Push(MessageSocket socket, string backend, ConnectionLog said, CancellationToken stopping) =>
        new ControlSession(grains, socket, backend, log, said).Run(stopping);

    private Task Work(HttpContext context)
    {
        var hello = WorkerHello.Of(context.Request.Headers);
        context.Response.Headers[WorkerFrame.ParallelJobsHeader] = BackendLimits.ParallelJobsMax.ToString(CultureInfo.InvariantCulture);
        return Connect(context, Worker, (socket, backend, said, stopping) => Work(socket, backend, hello, said, stopping));
    }

    private Task<Exception?> Work(MessageSocket socket, string backend, WorkerHello hello, ConnectionLog said, CancellationToken stopping)
    {
        var errors = new ErrorLogs(grains, new TaskNames(workflows, queries, backend, time), said);
        ImmutableArray<WantedState> wanted = hello.IsAdditional ? [] : [new QueueSync(configuration, time, backend), new TestSync(configuration, time, backend)];
        return new WorkerSession(grains, socket, backend, hello, _handshake, _jobs, wanted, errors, log, said, time).Run(stopping);
    }

    private async Task<IResult> Frame(HttpContext context)
    {
        var input = new RequestInput(context);
        var (backend, job) = (input.Path("name"), input.Path("job"));
        return await _jobs.Frame(backend, input.Path("workflow"), job, context.RequestAborted) is { } frame
            ? Results.Bytes(frame, "application/octet-stream")
            : Answers.Refused(ErrorCodes.User, $"Backend {backend} has no job {job}.", status: StatusCodes.Status404NotFound);
    }
}
