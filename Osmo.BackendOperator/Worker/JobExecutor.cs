using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Leftovers;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Executes jobs; every one may be executed again with the same effect (contract: backend-protocol §10).</summary>
internal sealed class JobExecutor
{
    private readonly ICluster _cluster;
    private readonly GroupCreation _creation;
    private readonly GroupCleanup _cleanup;
    private readonly TaskReschedule _reschedule;
    private readonly QueueSynchronization _queues;
    private readonly TestSynchronization _tests;

    public JobExecutor(ICluster cluster, BackendOperatorOptions options, TimeProvider time)
    {
        var workflowNamespace = options.Namespace;
        _cluster = cluster;
        _creation = new GroupCreation(cluster, workflowNamespace);
        _cleanup = new GroupCleanup(cluster, workflowNamespace, Kinds, time);
        _reschedule = new TaskReschedule(cluster, workflowNamespace, _creation, _cleanup, time);
        _queues = new QueueSynchronization(cluster);
        _tests = new TestSynchronization(cluster, options.Backend, options.TestRunner);
    }

    /// <summary>What groups have objects of, as far as jobs told.</summary>
    public GroupKinds Kinds { get; } = new();

    public async Task<JobResult> ExecuteAsync(BackendJob job, JobOutput output, CancellationToken cancellation) => job switch
    {
        BackendJob.CreateGroup create => await _creation.ExecuteAsync(create, cancellation),
        BackendJob.CleanupGroup cleanup => await _cleanup.ExecuteAsync(cleanup, output, cancellation),
        BackendJob.RescheduleTask reschedule => await _reschedule.ExecuteAsync(reschedule, output, cancellation),
        BackendJob.LabelNode label => await _cluster.PatchNodeLabelsAsync(label.NodeName, label.Labels, cancellation) is { } error
            ? JobResult.Retry(error.Message)
            : JobResult.Success,
        BackendJob.SynchronizeQueues queues => await _queues.ExecuteAsync(queues, cancellation),
        BackendJob.SynchronizeBackendTest tests => await _tests.ExecuteAsync(tests, cancellation),
        _ => throw new InvalidOperationException($"{job.GetType().Name} is no job."),
    };
}
