using System.Diagnostics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Meta;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;

namespace Osmo.Gateway.Workflows;

/// <summary>
/// <c>POST /api/pool/{pool}/workflow</c> and <c>…/{id}/restart</c> (contract: api-rest §8.1, §8.2, workflow-spec §2.4). Rendering and
/// validating happen here, on the caller's request; so many at a time, while any number may wait for the database.
/// </summary>
internal sealed class SubmitRoutes : IRouteArea, IAsyncDisposable
{
    /// <summary>Submissions that wait for their turn; more are told to come again.</summary>
    private const int WaitingMax = 1000;

    private readonly Submissions _submissions;
    private readonly ConfigurationCache _configuration;
    private readonly WorkflowView _view;
    private readonly SubmitMetrics _metrics;
    private readonly ConcurrencyLimiter _turns;

    public SubmitRoutes(Submissions submissions, ConfigurationCache configuration, WorkflowView view, SubmitMetrics metrics, IOptions<GatewayOptions> options)
    {
        (_submissions, _configuration, _view, _metrics) = (submissions, configuration, view, metrics);
        _turns = new(new()
        {
            PermitLimit = options.Value.ConcurrentSubmissions,
            QueueLimit = WaitingMax,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public void Map(RouteTable routes)
    {
        routes.PostBody<SubmitAnswer>(
            "/api/pool/{pool}/workflow", "Submits a workflow, or shows what would be submitted", Submit, SubmitRequest.Parameters);
        routes.Post<SubmitAnswer>(
            "/api/pool/{pool}/workflow/{workflow_id}/restart", "Submits what did not complete of a failed workflow", Restart);
    }

    public ValueTask DisposeAsync() => _turns.DisposeAsync();

    private async Task<IResult> Submit(HttpContext context)
    {
        var input = new RequestInput(context);
        var request = await SubmitRequest.Read(context, input);
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        return await InTurn(context, (model, turn) => _submissions.Submit(request, model, turn, context.RequestAborted));
    }

    private async Task<IResult> Restart(HttpContext context)
    {
        var input = new RequestInput(context);
        var (pool, id) = (input.Path("pool"), input.Path("workflow_id"));
        return input.IsInvalid(out var invalid)
            ? invalid
            : await InTurn(
                context, (model, turn) => _submissions.Restart(pool, id, Caller.Of(context), model, turn, context.RequestAborted));
    }

    private async Task<IResult> InTurn(HttpContext context, Func<ConfigurationModel, IDisposable, Task<SubmitOutcome>> submit)
    {
        var started = Stopwatch.GetTimestamp();
        using var turn = await _turns.AcquireAsync(cancellationToken: context.RequestAborted);
        if (!turn.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            return Answers.Detail(StatusCodes.Status503ServiceUnavailable, "Too many submissions at once; try again.");
        }

        var model = await _configuration.Get(context.RequestAborted);
        return _metrics.Answered(await submit(model, turn), started) switch
        {
            SubmitOutcome.Refused refused => Answers.Refused(refused.Refusal, refused.WorkflowId),
            SubmitOutcome.Rejected { Rejection: var rejection } =>
                Answers.Refused(ErrorCode(rejection.Code), rejection.Message, rejection.WorkflowId),
            SubmitOutcome.Rendered { Spec: var spec } => Ok(new(spec.Name, null, null, spec.ToYaml(), null, [])),
            SubmitOutcome.Validated valid => Ok(new(valid.Name, null, "Workflow validation succeeded.", null, null, [.. valid.Warnings])),
            SubmitOutcome.Submitted submitted => Ok(Answer(submitted, await _view.Links(context))),
            var other => throw new InvalidOperationException($"Unknown outcome {other}."),
        };
    }

    private static SubmitAnswer Answer(SubmitOutcome.Submitted submitted, WorkflowLinks links) => new(
        submitted.WorkflowId,
        links.Overview(submitted.WorkflowId),
        links.Logs(submitted.WorkflowId),
        null,
        links.Dashboard(submitted.Backend, submitted.WorkflowUuid),
        [.. submitted.Warnings]);

    private static IResult Ok(SubmitAnswer answer) => Answers.Ok(answer, GatewayJson.Default.SubmitAnswer);

    private static string ErrorCode(SpecErrorCode code) => code.ToString().ToUpperInvariant();
}

/// <summary>What became of a submission.</summary>
internal abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>Not for what the specification says.</summary>
    public sealed record Refused(Refusal Refusal, string? WorkflowId = null) : SubmitOutcome;

    /// <summary>For what the specification says.</summary>
    public sealed record Rejected(SpecRejection Rejection) : SubmitOutcome;

    public sealed record Rendered(RenderedSpec Spec) : SubmitOutcome;

    public sealed record Validated(string Name, IReadOnlyList<string> Warnings) : SubmitOutcome;

    public sealed record Submitted(string WorkflowId, string WorkflowUuid, string Backend, IReadOnlyList<string> Warnings) : SubmitOutcome;
}
