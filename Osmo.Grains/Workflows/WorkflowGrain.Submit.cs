using System.Collections.Immutable;
using System.Text.Json;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Grains.Workflows;

/// <summary>How a workflow comes into being: one atomic commit of all its rows, and then the answer (contract: lifecycle §3).</summary>
public sealed partial class WorkflowGrain
{
    /// <summary>What the user was told stays true: the same call may have been sent twice, and the second come when there is room.</summary>
    private Refusal? _refusal;

    public async Task<SubmitResult> Submit(SubmitWorkflow request)
    {
        if (_stored is { } known)
        {
            return new SubmitResult(known.Head.WorkflowId, null);
        }

        if (_refusal is { } before)
        {
            return new SubmitResult(null, before);
        }

        var spec = ParseSpec(request.Spec);
        var model = await configuration.Current();
        var pool = model.FindPool(request.Pool);
        var refusal = pool is null ? new Refusal("USER", $"Pool {request.Pool} not found.") : PoolAdmission.Refuse(pool, request, spec);
        if (pool is null || refusal is not null)
        {
            // A submit that is sent again is answered as it was the first time, whatever has changed since.
            return await Stored() is { } stored ? new SubmitResult(stored.Head.WorkflowId, null) : Refused(refusal!);
        }

        var draft = BuildPlan(request, spec, pool, model);
        var now = time.UtcNow();
        var change = WorkflowChange.Of(WorkflowMachine.Start(draft, now));
        var texts = new SpecDocument(spec, request.SpecText, request.TemplateText);
        var limits = Limits(request.User, model.Snapshot.Workflow.UserWorkflowLimits, change);
        StoredWorkflow? next = null;
        var outcome = await Commit(() => store.CommitNumbered(
            request.Name,
            [new RowWrite.Insert(new RowKey(RowKind.Spec, Uuid), DocumentRows.Write(texts))],
            number =>
            {
                (var writes, next) = First(request, draft, change, number, now);
                return writes;
            },
            limits));
        if (outcome != CommitOutcome.Committed || next is null)
        {
            // It was committed before: by an activation that died, or by another one just now.
            return await Stored() is { } winner
                ? new SubmitResult(winner.Head.WorkflowId, null)
                : Refused(OverLimit(outcome, limits) ?? throw new OrleansException($"Workflow {Uuid} could not be stored; submit again."));
        }

        _stored = next;
        await Act(change with { Next = next.Workflow }, now);
        return new SubmitResult(next.Head.WorkflowId, null);
    }

    public async Task<string> RecordRejection(RejectedSubmission request)
    {
        if (await RejectedHead() is { } known)
        {
            return known.WorkflowId;
        }

        var now = time.UtcNow();
        var backend = (await configuration.Current()).FindPool(request.Pool)?.Backend;
        await TryCommit(() => store.CommitNumbered(
            request.Name,
            [new RowWrite.Insert(new RowKey(RowKind.Spec, Uuid), DocumentRows.Write(new SpecDocument(null, request.SpecText, null)))],
            number => [new RowWrite.Insert(new RowKey(RowKind.Workflow, Uuid), DocumentRows.Write(RejectedHead(request, number, backend, now)))]));
        return (await RejectedHead())?.WorkflowId ?? throw new OrleansException($"The rejected workflow {Uuid} could not be stored; submit again.");
    }

    public async Task<bool> SetTags(ImmutableArray<string> add, ImmutableArray<string> remove)
    {
        var key = new RowKey(RowKind.Workflow, Uuid);
        for (var tries = 0; tries < CommitTriesMax; tries++)
        {
            if (await store.Read(key) is not { } row)
            {
                return false;
            }

            var head = DocumentRows.Parse<WorkflowHead>(row);
            head = head with { Tags = [.. head.Tags.Except(remove).Union(add).Order(StringComparer.Ordinal)] };
            _stored = null;
            if (await TryCommit([new RowWrite.Update(key, row.Version, DocumentRows.Write(head))]))
            {
                return true;
            }
        }

        throw new OrleansException($"Workflow {Uuid} is being changed elsewhere; its tags were not. Try again.");
    }

    private SubmitResult Refused(Refusal refusal)
    {
        _refusal = refusal;
        return new SubmitResult(null, refusal);
    }

    private static OngoingLimits? Limits(string user, UserWorkflowLimits limits, WorkflowChange change) =>
        limits is { MaxNumWorkflows: null, MaxNumTasks: null } ? null : new OngoingLimits(user, limits.MaxNumWorkflows, limits.MaxNumTasks, change.Tasks.Length);

    private static Refusal? OverLimit(CommitOutcome outcome, OngoingLimits? limits) => outcome switch
    {
        CommitOutcome.TooManyWorkflows => new Refusal("USER", $"User {limits?.User} cannot submit more than {limits?.WorkflowsMax} ongoing workflows."),
        CommitOutcome.TooManyTasks => new Refusal("USER", $"User {limits?.User} cannot submit more than {limits?.TasksMax} ongoing tasks."),
        _ => null,
    };

    /// <summary>The rows of a new workflow, and what it is when they are stored. The number is known to nothing but the workflow's id.</summary>
    private (IReadOnlyList<RowWrite> Writes, StoredWorkflow Next) First(SubmitWorkflow request, WorkflowPlan draft, WorkflowChange change, int number, DateTime now)
    {
        var plan = draft with { WorkflowId = $"{request.Name}-{number}" };
        var workflow = change.Next with { Plan = plan };
        var head = NewHead(request, number, plan, workflow.State);
        var (writes, next) = StoredWorkflow.New(head, workflow).Plan(change with { Next = workflow }, WakeAt(workflow, now), now);
        return ([.. writes, new RowWrite.Insert(new RowKey(RowKind.Plan, Uuid), DocumentRows.Write(plan))], next);
    }

    /// <summary>All of the plan but the number.</summary>
    private WorkflowPlan BuildPlan(SubmitWorkflow request, WorkflowSpec spec, PoolModel pool, ConfigurationModel model) =>
        PlanBuilder.Build(spec, new PlanContext
        {
            WorkflowUuid = Uuid,
            WorkflowId = request.Name,
            User = request.User,
            Pool = pool,
            Priority = ParsePriority(request.Priority),
            StartTimeout = model.Snapshot.Service.MaxPodRestartLimit.Value,
            MaxRetriesPerTask = model.Snapshot.Workflow.MaxRetryPerTask,
            NewUuid = identity.NewUuid,
        });

    private static WorkflowHead NewHead(SubmitWorkflow request, int number, WorkflowPlan plan, WorkflowState state) => new()
    {
        WorkflowUuid = plan.WorkflowUuid,
        WorkflowId = plan.WorkflowId,
        Name = request.Name,
        Number = number,
        User = plan.User,
        Pool = plan.Pool,
        Backend = plan.Backend,
        Priority = plan.Priority,
        Labels = request.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
        ParentName = request.Origin.ParentName,
        ParentNumber = request.Origin.ParentNumber,
        AppUuid = request.Origin.AppUuid,
        AppOwner = request.Origin.AppOwner,
        AppName = request.Origin.AppName,
        AppVersion = request.Origin.AppVersion,
        ExecTimeout = plan.ExecTimeout.TotalSeconds,
        QueueTimeout = plan.QueueTimeout.TotalSeconds,
        Status = state.Status,
        SubmitTime = state.SubmitTime,
    };

    private WorkflowHead RejectedHead(RejectedSubmission request, int number, string? backend, DateTime now) => new()
    {
        WorkflowUuid = Uuid,
        WorkflowId = $"{request.Name}-{number}",
        Name = request.Name,
        Number = number,
        User = request.User,
        Pool = request.Pool,
        Backend = backend,
        Priority = ParsePriority(request.Priority),
        Labels = request.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
        ParentName = request.Origin.ParentName,
        ParentNumber = request.Origin.ParentNumber,
        AppUuid = request.Origin.AppUuid,
        AppOwner = request.Origin.AppOwner,
        AppName = request.Origin.AppName,
        AppVersion = request.Origin.AppVersion,
        Status = WorkflowStatus.FailedSubmission,
        SubmitTime = now,
        StartTime = now,
        EndTime = now,
        FailureMessage = request.FailureMessage,
        Archived = true,
    };

    private async Task<WorkflowHead?> RejectedHead() =>
        await store.Read(new RowKey(RowKind.Workflow, Uuid)) is { } row && DocumentRows.Parse<WorkflowHead>(row) is { Status: WorkflowStatus.FailedSubmission } head
            ? head
            : null;

    private static WorkflowSpec ParseSpec(string json) =>
        JsonSerializer.Deserialize(json, DocumentJson.Default.WorkflowSpec) ?? throw new JsonException("The submitted specification is null.");

    private static WorkflowPriority ParsePriority(string name) =>
        WireEnum<WorkflowPriority>.TryParse(name, out var priority)
            ? priority
            : throw new ArgumentException($"Priority {name} is not one of {string.Join(", ", WireEnum<WorkflowPriority>.AllNames)}.", nameof(name));
}
