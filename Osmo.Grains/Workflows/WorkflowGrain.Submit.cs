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
    public async Task<SubmitResult> Submit(SubmitWorkflow request)
    {
        if (await Stored() is { } known)
        {
            return new SubmitResult(known.Head.WorkflowId, null);
        }

        var spec = ParseSpec(request.Spec);
        if (await Admit(request, spec) is { } refusal)
        {
            return new SubmitResult(null, refusal);
        }

        var model = await configuration.Current();
        var pool = model.FindPool(request.Pool);
        if (pool is null)
        {
            return new SubmitResult(null, new Refusal("USER", $"Pool {request.Pool} not found."));
        }

        var number = await store.NextJobNumber(request.Name);
        var now = time.UtcNow();
        var plan = BuildPlan(request, spec, pool, model, number);
        var start = WorkflowMachine.Start(plan, now);
        var change = WorkflowChange.Of(start);
        var head = NewHead(request, number, plan, start.Next.State);
        var (writes, next) = StoredWorkflow.New(head, start.Next).Plan(change, WakeAt(start.Next, now), now);
        var texts = new SpecDocument(spec, request.SpecText, request.TemplateText);
        var committed = await TryCommit(
        [
            .. writes,
            new RowWrite.Insert(new RowKey(RowKind.Plan, Uuid), DocumentRows.Write(plan)),
            new RowWrite.Insert(new RowKey(RowKind.Spec, Uuid), DocumentRows.Write(texts)),
        ]);
        if (!committed)
        {
            // The same submit, sent twice, was committed by another activation.
            var winner = await Stored() ?? throw new OrleansException($"Workflow {Uuid} could not be stored; submit again.");
            return new SubmitResult(winner.Head.WorkflowId, null);
        }

        _stored = next;
        await Act(change, now);
        return new SubmitResult(head.WorkflowId, null);
    }

    public async Task<string> RecordRejection(RejectedSubmission request)
    {
        if (await RejectedHead() is { } known)
        {
            return known.WorkflowId;
        }

        var number = await store.NextJobNumber(request.Name);
        var now = time.UtcNow();
        var head = new WorkflowHead
        {
            WorkflowUuid = Uuid,
            WorkflowId = $"{request.Name}-{number}",
            Name = request.Name,
            Number = number,
            User = request.User,
            Pool = request.Pool,
            Backend = (await configuration.Current()).FindPool(request.Pool)?.Backend,
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
        await TryCommit(
        [
            new RowWrite.Insert(new RowKey(RowKind.Workflow, Uuid), DocumentRows.Write(head)),
            new RowWrite.Insert(new RowKey(RowKind.Spec, Uuid), DocumentRows.Write(new SpecDocument(null, request.SpecText, null))),
        ]);
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

    private async Task<Refusal?> Admit(SubmitWorkflow request, WorkflowSpec spec)
    {
        var gpus = spec.Resources.ToDictionary(resource => resource.Key, resource => resource.Value.Gpu ?? 0, StringComparer.Ordinal);
        var largest = spec.Groups.Select(group => (group.Name, Gpus: group.Tasks.Sum(task => gpus[task.Resource]))).MaxBy(group => group.Gpus);
        var admission = await GrainFactory.GetGrain<IPoolGrain>(request.Pool).Admit(
            new AdmissionRequest(Uuid, request.User, request.Priority, largest.Name, largest.Gpus, request.IsAdministrator));
        return admission.Refusal;
    }

    private WorkflowPlan BuildPlan(SubmitWorkflow request, WorkflowSpec spec, PoolModel pool, ConfigurationModel model, int number) =>
        PlanBuilder.Build(spec, new PlanContext
        {
            WorkflowUuid = Uuid,
            WorkflowId = $"{request.Name}-{number}",
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
