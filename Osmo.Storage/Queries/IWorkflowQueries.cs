using Osmo.Storage.State;

namespace Osmo.Storage.Queries;

/// <summary>
/// What the lists ask of the rows that grains wrote; there is no second copy. Each call is one statement: one round trip, one snapshot.
/// Errors are <see cref="StateStoreException"/>. Documents come as stored; reading them is the caller's.
/// </summary>
public interface IWorkflowQueries
{
    /// <summary>A page of workflow heads (contract: api-rest §8.4).</summary>
    Task<WorkflowPage> ListWorkflows(WorkflowFilter filter, CancellationToken cancellation = default);

    /// <summary>The uuid of a workflow given by its id or uuid, or null.</summary>
    Task<string?> FindWorkflow(string idOrUuid, CancellationToken cancellation = default);

    /// <summary>The uuid of the workflow that a pod belongs to, or null. A pod's name begins with the first 16 digits of it (contract: lifecycle §1).</summary>
    Task<string?> FindWorkflowOfPod(string podName, CancellationToken cancellation = default);

    /// <summary>A workflow given by its id or uuid, or null (contract: api-rest §8.5).</summary>
    Task<WorkflowRows?> ReadWorkflow(string idOrUuid, WorkflowDepth depth, CancellationToken cancellation = default);

    /// <summary>A page of task attempts in the order of the task list (contract: api-rest §8.7).</summary>
    Task<IReadOnlyList<Row>> ListTasks(TaskFilter filter, CancellationToken cancellation = default);

    /// <summary>A page of what the filter's attempts ask for, by user, pool and priority, and by workflow if asked (contract: api-rest §8.7).</summary>
    Task<IReadOnlyList<TaskUsage>> SumTasks(TaskFilter filter, bool byWorkflow, CancellationToken cancellation = default);

    /// <summary>Everybody who ever submitted a workflow, in order.</summary>
    Task<IReadOnlyList<string>> Users(CancellationToken cancellation = default);

    /// <summary>GPUs of RUNNING attempts by pool and priority (contract: api-rest §12).</summary>
    Task<IReadOnlyList<GpuUsage>> RunningGpus(CancellationToken cancellation = default);

    /// <summary>All backends, by name.</summary>
    Task<IReadOnlyList<Row>> Backends(CancellationToken cancellation = default);

    /// <summary>Nodes of some backends (null: of all), or those of one name, ordered by backend and name (contract: api-rest §13).</summary>
    Task<IReadOnlyList<Row>> Nodes(IReadOnlyCollection<string>? backends = null, string? hostname = null, CancellationToken cancellation = default);

    /// <summary>Workflows with something to do by <paramref name="now"/>, the longest due first.</summary>
    Task<IReadOnlyList<DueWorkflow>> DueWorkflows(DateTime now, int limit, CancellationToken cancellation = default);

    /// <summary>The open jobs of a backend, oldest first.</summary>
    Task<IReadOnlyList<Row>> OpenJobs(string backend, int limit, CancellationToken cancellation = default);

    /// <summary>Ids of workflows on a backend that have not ended, oldest first, with their uuids.</summary>
    Task<IReadOnlyList<OngoingWorkflow>> OngoingWorkflows(string backend, int limit, CancellationToken cancellation = default);

    /// <summary>Attempts that are not finished on a node of a backend.</summary>
    Task<IReadOnlyList<Row>> TasksOnNode(string backend, string hostname, CancellationToken cancellation = default);

    /// <summary>The log chunks of a workflow whose row id is greater than <paramref name="after"/> ("": from the first), in order.</summary>
    Task<IReadOnlyList<Row>> LogChunks(string workflowUuid, string after, int limit, CancellationToken cancellation = default);
}

/// <summary>One page; <paramref name="More"/> when at least one more workflow follows it.</summary>
public sealed record WorkflowPage(IReadOnlyList<Row> Heads, bool More);

/// <summary>How much of a workflow to read.</summary>
public enum WorkflowDepth
{
    Head = 1,

    /// <summary>With plan, groups, and of each task the attempt with the highest retry id.</summary>
    LatestAttempts,

    /// <summary>With plan, groups, and all attempts.</summary>
    AllAttempts,
}

/// <summary>The rows of one workflow at one instant. Groups and tasks are ordered by row id; the plan has their true order. The plan is null when it has none.</summary>
public sealed record WorkflowRows(Row Head, Row? Plan, IReadOnlyList<Row> Groups, IReadOnlyList<Row> Tasks);

/// <summary>Sums of requested resources: GiB, cores, GiB, GPUs.</summary>
public sealed record TaskUsage(
    string User, string? WorkflowId, string? Pool, string? Priority, double Storage, long Cpu, double Memory, long Gpu);

public sealed record GpuUsage(string Pool, string Priority, long Gpu);

public sealed record OngoingWorkflow(string WorkflowUuid, string WorkflowId);

/// <param name="WakeAt">UTC.</param>
public sealed record DueWorkflow(string WorkflowUuid, DateTime WakeAt);
