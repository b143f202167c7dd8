using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Workflows;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Gateway.Workflows;

/// <summary>The way of a submission, in the order that decides which fault is reported (contract: workflow-spec §2.4).</summary>
internal sealed class Submissions(
    IGrainFactory grains, WorkflowReader workflows, SubmissionChecks checks, SpecReader specs, IUuidSource uuids)
{
    /// <param name="turn">Given back as soon as the specification is judged.</param>
    public async Task<SubmitOutcome> Submit(
        SubmitRequest request, ConfigurationModel model, IDisposable turn, CancellationToken cancellation)
    {
        if ((request.File is null) == (request.WorkflowId is null))
        {
            return Refused(ErrorCodes.Usage, request.File is null
                ? "Need to provide either file contents or workflow ID."
                : "Either file contents or workflow ID can be provided, but not both.");
        }

        var (resubmitted, refusal) = await Resubmitted(request, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        if (model.FindPool(request.Pool) is not { } pool)
        {
            return Refused(ErrorCodes.User, $"Pool {request.Pool} not found.");
        }

        var source = Source(request, resubmitted, model.Snapshot.Workflow.UserWorkflowLimits);
        if (request.Mode == SubmitMode.DryRun)
        {
            return specs.Render(source) switch
            {
                RenderOutcome.Rendered { Spec: var rendered } => new SubmitOutcome.Rendered(rendered),
                RenderOutcome.Rejected { Rejection: var rejection } => new SubmitOutcome.Rejected(rejection),
                var other => throw new InvalidOperationException($"Unknown outcome {other}."),
            };
        }

        return specs.Read(source, pool, model.Snapshot.Workflow) switch
        {
            SpecOutcome.Accepted accepted => await Admit(request, source, resubmitted, accepted, pool, model, turn, cancellation),
            SpecOutcome.Rejected { Rejection: var rejection } => await Reject(request, source, resubmitted, rejection, []),
            var other => throw new InvalidOperationException($"Unknown outcome {other}."),
        };
    }

    private async Task<SubmitOutcome> Admit(
        SubmitRequest request,
        SpecSource source,
        Former? resubmitted,
        SpecOutcome.Accepted accepted,
        PoolModel pool,
        ConfigurationModel model,
        IDisposable turn, CancellationToken cancellation)
    {
        var spec = accepted.Spec;
        if (await checks.Reject(spec, request, pool, model, cancellation) is { } rejection)
        {
            return await Reject(request, source, resubmitted, rejection, spec.Labels);
        }

        if (request.Mode == SubmitMode.Validate)
        {
            return new SubmitOutcome.Validated(spec.Name, accepted.Warnings);
        }

        var submit = new SubmitWorkflow(
            source.WorkflowUuid,
            spec.Name,
            request.Caller.User,
            pool.Name,
            WireEnum<WorkflowPriority>.Name(request.Priority),
            Labels(spec.Labels),
            SpecJson.Write(spec),
            SpecWriter.ToYaml(spec),
            request.File?.Template ?? resubmitted?.Template,
            Origin(request, resubmitted),
            request.Caller.IsAdministrator);
        turn.Dispose();
        return await Transient.Once(() => grains.GetGrain<IWorkflowGrain>(source.WorkflowUuid).Submit(submit)) switch
        {
            { WorkflowId: { } id } => new SubmitOutcome.Submitted(id, source.WorkflowUuid, pool.Backend, accepted.Warnings),
            { Refusal: { } refused } => new SubmitOutcome.Refused(refused),
            var other => throw new InvalidOperationException($"A submit has an id or a refusal, not {other}."),
        };
    }

    /// <summary>Some rejected specifications are kept, so that people can look at them (contract: lifecycle §3).</summary>
    private async Task<SubmitOutcome> Reject(
        SubmitRequest request,
        SpecSource source,
        Former? resubmitted,
        SpecRejection rejection,
        ImmutableArray<KeyValuePair<string, string>> labels)
    {
        if (rejection.FailedSubmission is { } failed && request.Mode == SubmitMode.Submit)
        {
            var record = new RejectedSubmission(
                source.WorkflowUuid,
                failed.WorkflowName,
                request.Caller.User,
                request.Pool,
                WireEnum<WorkflowPriority>.Name(request.Priority),
                Labels(labels),
                failed.SpecYaml,
                Origin(request, resubmitted),
                rejection.Message);
            await Transient.Once(() => grains.GetGrain<IWorkflowGrain>(source.WorkflowUuid).RecordRejection(record));
        }

        return new SubmitOutcome.Rejected(rejection);
    }

    /// <summary>The workflow that is submitted again; nothing when the request has its own text.</summary>
    private async Task<(Former? Former, SubmitOutcome? Refusal)> Resubmitted(SubmitRequest request, CancellationToken cancellation)
    {
        if (request.WorkflowId is not { } id)
        {
            return (null, null);
        }

        if (await workflows.Head(id, cancellation) is not { } head)
        {
            return (null, Refused(ErrorCodes.Database, $"Workflow {id} is not found."));
        }

        var spec = await workflows.Spec(head.WorkflowUuid, cancellation);
        return spec?.Text is { } text
            ? (new(head, text, spec.Template), null)
            : (null, Refused(ErrorCodes.Submission, $"Workflow {head.WorkflowId} has no specification that could be submitted again."));
    }

    private SpecSource Source(SubmitRequest request, Former? resubmitted, UserWorkflowLimits limits) => new()
    {
        Text = request.File?.File ?? resubmitted!.Text,
        WorkflowUuid = uuids.NewUuid(),
        SetVariables = request.File?.SetVariables ?? [],
        SetStringVariables = request.File?.SetStringVariables ?? [],
        EnvironmentVariables = request.EnvironmentVariables,
        LabelOverrides = request.Labels,
        StoredLabels = resubmitted is null ? null : [.. resubmitted.Head.Labels],
        TemplateLimits = new TemplateLimits
        {
            MaxTime = TimeSpan.FromSeconds(limits.JinjaSandboxMaxTime),
            MaxMemory = limits.JinjaSandboxMemoryLimit,
        },
    };

    private static WorkflowOrigin Origin(SubmitRequest request, Former? resubmitted) =>
        new(resubmitted?.Head.Name, resubmitted?.Head.Number, request.AppUuid, AppVersion: request.AppVersion);

    private static ImmutableDictionary<string, string> Labels(ImmutableArray<KeyValuePair<string, string>> labels) =>
        labels.ToImmutableDictionary(StringComparer.Ordinal);

    private static SubmitOutcome.Refused Refused(string errorCode, string message) => new(new Refusal(errorCode, message));

    private sealed record Former(WorkflowHead Head, string Text, string? Template);
}
