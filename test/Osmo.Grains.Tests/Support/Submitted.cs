using System.Collections.Immutable;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Grains.Tests.Support;

/// <summary>A workflow of a test: what is asked of its grain, and what its rows say.</summary>
internal sealed class Submitted(World world, string uuid, string pool, string text)
{
    private ImmutableDictionary<string, string>? _taskUuids;

    public string Uuid => uuid;

    public string Backend => pool;

    public string? Id { get; private set; }

    public World World => world;

    public IWorkflowGrain Grain => world.Grains.GetGrain<IWorkflowGrain>(uuid);

    public IWorkflowLogGrain Log => world.Grains.GetGrain<IWorkflowLogGrain>(uuid);

    /// <summary>Submits a workflow in a pool and on a backend that no other test uses.</summary>
    public static async Task<Submitted> Of(World world, string text)
    {
        var workflow = new Submitted(world, world.NewUuid(), world.NewPool(), text);
        var result = await workflow.Submit();
        Assert.Null(result.Refusal);
        return workflow;
    }

    public async Task<SubmitResult> Submit(string? pool = null)
    {
        var result = await World.Retry(() => Grain.Submit(Request(pool)));
        Id ??= result.WorkflowId;
        return result;
    }

    public SubmitWorkflow Request(string? otherPool = null)
    {
        var outcome = new SpecReader(new TemplateEngine()).Read(
            new SpecSource { Text = text, WorkflowUuid = uuid }, world.Configuration.Pools[pool], world.Configuration.Snapshot.Workflow);
        var spec = Assert.IsType<SpecOutcome.Accepted>(outcome).Spec;
        return new SubmitWorkflow(
            uuid, spec.Name, "user", otherPool ?? pool, "NORMAL", ImmutableDictionary<string, string>.Empty, SpecJson.Write(spec), SpecWriter.ToYaml(spec), text,
            new WorkflowOrigin(), IsAdministrator: false);
    }

    public ScriptedOperator Operator(string session = "worker") => new(this, session);

    public async Task Report(string task, string status, int? exitCode = null, int retry = 0, string message = "") =>
        await World.Retry(async () => await Grain.ReportPods(Backend, [await Pod(task, status, exitCode, retry, message)]));

    public async Task<PodReport> Pod(string task, string status, int? exitCode = null, int retry = 0, string message = "") =>
        new PodReport.StatusChanged(await TaskUuid(task), retry, message, status, exitCode, "node-1", "10.0.0.1");

    public async Task Run(params string[] tasks)
    {
        foreach (var task in tasks)
        {
            await Report(task, "RUNNING");
        }
    }

    public async Task Cancel(bool force = false) =>
        Assert.Null((await World.Retry(() => Grain.Cancel(new CancelWorkflow("somebody", null, force)))).Refusal);

    public async Task<string> TaskUuid(string task) =>
        (_taskUuids ??= (await Tasks()).Where(row => row.RetryId == 0).ToImmutableDictionary(row => row.Name, row => row.Uuid))[task];

    public async Task<WorkflowHead> Head() => DocumentRows.Parse<WorkflowHead>((await world.Store.Read(new RowKey(RowKind.Workflow, uuid)))!);

    public async Task<WorkflowStatus> Status() => (await Head()).Status;

    public async Task<TaskGroupStatus> GroupStatus(string group) => (await Group(group)).Status;

    public async Task<GroupState> Group(string group) => DocumentRows.Parse<GroupState>((await world.Store.Read(new RowKey(RowKind.Group, uuid, group)))!);

    public async Task<WorkflowPlan> Plan() => DocumentRows.Parse<WorkflowPlan>((await world.Store.Read(new RowKey(RowKind.Plan, uuid)))!);

    public async Task<IReadOnlyList<TaskDocument>> Tasks() => [.. (await world.Store.ReadPartition(RowKind.Task, uuid)).Select(DocumentRows.Parse<TaskDocument>)];

    public async Task<TaskDocument> Attempt(string name, int retry = 0) => (await Tasks()).Single(task => task.Name == name && task.RetryId == retry);

    public async Task<IReadOnlyList<string>> OpenJobs() =>
        [.. (await world.Queries.OpenJobs(Backend, 100)).Select(DocumentRows.Parse<JobDocument>).Where(job => job.WorkflowUuid == uuid).Select(job => job.Job.GetType().Name)];

    public Task<WorkflowHead> Archived(TimeSpan? atMost = null) => World.Eventually(Head, head => head.Archived, atMost);

    public async Task<string?> LogFile(string name)
    {
        await using var content = await world.Objects.Read($"{Id}/{name}");
        return content is null ? null : await new StreamReader(content).ReadToEndAsync();
    }
}
