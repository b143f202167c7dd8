using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Queries;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
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

        FormerWorkflow? former = null;
        if (request.WorkflowId is { } id)
        {
            (former, var refusal) = await Former(id, cancellation);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        if (model.FindPool(request.Pool) is not { } pool)
        {
            return NoPool(request.Pool);
        }

        var draft = new SubmissionDraft(
            uuids.NewUuid(),
            request.Pool,
            request.Mode,
            request.Priority,
            request.Caller,
            former?.Origin(request.AppUuid, request.AppVersion) ?? new(AppUuid: request.AppUuid, AppVersion: request.AppVersion),
            request.File?.Template ?? former?.Spec.Template);
        var source = Source(request, former, draft.WorkflowUuid, model.Snapshot.Workflow.UserWorkflowLimits);
        if (request.Mode == SubmitMode.DryRun)
        {
            return specs.Render(source) switch
            {
                RenderOutcome.Rendered { Spec: var rendered } => new SubmitOutcome.Rendered(rendered),
                RenderOutcome.Rejected { Rejection: var rejection } => new SubmitOutcome.Rejected(rejection),
                var other => throw new InvalidOperationException($"Unknown outcome {other}."),
            };
        }

        // A rejected submission has a text only.
        var read = former is { Spec.Spec: { } spec }
            ? SpecReader.Read(Again(Resubmission.Whole(spec, former.Labels), request), pool, model.Snapshot.Workflow)
            : specs.Read(source, pool, model.Snapshot.Workflow);
        return await Judge(draft, read, pool, model, turn, cancellation);
    }

    /// <summary>The groups of a failed workflow that did not complete, as a new workflow (contract: api-rest §8.2, workflow-spec §12).</summary>
    /// <param name="turn">Given back as soon as the specification is judged.</param>
    public async Task<SubmitOutcome> Restart(
        string poolName, string workflowId, Caller caller, ConfigurationModel model, IDisposable turn, CancellationToken cancellation)
    {
        if (model.FindPool(poolName) is not { } pool)
        {
            return NoPool(poolName);
        }

        if (await workflows.Read(workflowId, WorkflowDepth.LatestAttempts, cancellation) is not { } failed)
        {
            return NoWorkflow(workflowId);
        }

        var (former, refusal) = await Former(failed.Head, cancellation);
        if (former is not { Spec.Spec: { } spec })
        {
            return refusal ?? NothingToRestart(failed.Head);
        }

        var groups = failed.Groups.ToDictionary(group => group.Key, group => group.Value.Status, StringComparer.Ordinal);
        if (Resubmission.Restart(spec, former.Labels, failed.Head.WorkflowId, failed.Head.Status, groups, out var rejection) is not { } restart)
        {
            return new SubmitOutcome.Refused(new(ErrorCodes.Submission, rejection!.Message), failed.Head.WorkflowId);
        }

        var draft = new SubmissionDraft(
            uuids.NewUuid(), poolName, SubmitMode.Submit, failed.Head.Priority, caller, former.Origin(), former.Spec.Template);
        return await Judge(draft, SpecReader.Read(restart, pool, model.Snapshot.Workflow), pool, model, turn, cancellation);
    }

    private async Task<SubmitOutcome> Judge(
        SubmissionDraft draft, SpecOutcome read, PoolModel pool, ConfigurationModel model, IDisposable turn, CancellationToken cancellation) =>
        read switch
        {
            SpecOutcome.Accepted accepted => await Admit(draft, accepted, pool, model, turn, cancellation),
            SpecOutcome.Rejected { Rejection: var rejection } => await Reject(draft, rejection, []),
            var other => throw new InvalidOperationException($"Unknown outcome {other}."),
        };

    private async Task<SubmitOutcome> Admit(
        SubmissionDraft draft,
        SpecOutcome.Accepted accepted,
        PoolModel pool,
        ConfigurationModel model,
        IDisposable turn,
        CancellationToken cancellation)
    {
        var spec = accepted.Spec;
        if (await checks.Reject(spec, draft, pool, model, cancellation) is { } rejection)
        {
            return await Reject(draft, rejection, spec.Labels);
        }

        if (draft.Mode == SubmitMode.Validate)
        {
            return new SubmitOutcome.Validated(spec.Name, accepted.Warnings);
        }

        var submit = draft.Accepted(spec);
        turn.Dispose();
        using var span = WorkflowTrace.Start(draft.WorkflowUuid, "submit");
        return await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(draft.WorkflowUuid).Submit(submit), CancellationToken.None) switch
        {
            { WorkflowId: { } id } => new SubmitOutcome.Submitted(id, draft.WorkflowUuid, pool.Backend, accepted.Warnings),
            { Refusal: { } refused } => new SubmitOutcome.Refused(refused),
            var other => throw new InvalidOperationException($"A submit has an id or a refusal, not {other}."),
        };
    }

    /// <summary>Some rejected specifications are kept, so that people can look at them (contract: lifecycle §3).</summary>
    private async Task<SubmitOutcome> Reject(
        SubmissionDraft draft, SpecRejection rejection, ImmutableArray<KeyValuePair<string, string>> labels)
    {
        if (rejection.FailedSubmission is { } failed && draft.Mode == SubmitMode.Submit)
        {
            var record = draft.Rejected(failed, labels, rejection.Message);
            await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(draft.WorkflowUuid).RecordRejection(record), CancellationToken.None);
        }

        return new SubmitOutcome.Rejected(rejection);
    }

    private async Task<(FormerWorkflow? Former, SubmitOutcome? Refusal)> Former(string id, CancellationToken cancellation) =>
        await workflows.Head(id, cancellation) is { } head ? await Former(head, cancellation) : (null, NoWorkflow(id));

    private async Task<(FormerWorkflow? Former, SubmitOutcome? Refusal)> Former(WorkflowHead head, CancellationToken cancellation) =>
        await workflows.Spec(head.WorkflowUuid, cancellation) is { Text: not null } spec
            ? (new(head, spec), null)
            : (null, Refused(ErrorCodes.Submission, $"Workflow {head.WorkflowId} has no specification that could be submitted again."));

    private static Resubmission Again(Resubmission whole, SubmitRequest request) =>
        whole with { LabelOverrides = request.Labels, EnvironmentVariables = request.EnvironmentVariables };

    private static SpecSource Source(SubmitRequest request, FormerWorkflow? former, string workflowUuid, UserWorkflowLimits limits) => new()
    {
        Text = request.File?.File ?? former!.Spec.Text!,
        IsRendered = former is not null,
        WorkflowUuid = workflowUuid,
        SetVariables = request.File?.SetVariables ?? [],
        SetStringVariables = request.File?.SetStringVariables ?? [],
        EnvironmentVariables = request.EnvironmentVariables,
        LabelOverrides = request.Labels,
        StoredLabels = former?.Labels,
        TemplateLimits = new TemplateLimits
        {
            MaxTime = TimeSpan.FromSeconds(limits.JinjaSandboxMaxTime),
            MaxMemory = limits.JinjaSandboxMemoryLimit,
        },
    };

    private static SubmitOutcome.Refused NoPool(string pool) => Refused(ErrorCodes.User, $"Pool {pool} not found.");

    private static SubmitOutcome.Refused NoWorkflow(string id) => Refused(ErrorCodes.Database, $"Workflow {id} is not found.");

    private static SubmitOutcome.Refused NothingToRestart(WorkflowHead head) => new(
        new(ErrorCodes.Submission, $"Workflow {head.WorkflowId} has no failed groups to restart; submit it again instead."), head.WorkflowId);

    private static SubmitOutcome.Refused Refused(string errorCode, string message) => new(new Refusal(errorCode, message));
}
