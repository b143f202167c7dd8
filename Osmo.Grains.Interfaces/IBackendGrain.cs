using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Osmo.Grains.Interfaces;

/// <summary>
/// One backend: its registration, liveness, nodes, and the open jobs for its operator. The key is the backend name. Of other grains it calls only the configuration, so everyone may wait for it.
/// </summary>
[Alias("osmo.IBackendGrain")]
public interface IBackendGrain : IGrainWithStringKey
{
    /// <summary>The operator's <c>init</c> (contract: backend-protocol §4).</summary>
    [Alias("Register")]
    Task<RegisterBackendResult> Register(RegisterBackend registration);

    /// <summary>The operator is alive, by this process's clock.</summary>
    [Alias("Heartbeat")]
    Task Heartbeat();

    /// <summary>Forgets the registration, the nodes and the open jobs; an operator that connects later registers anew (contract: backend-protocol §17).</summary>
    [Alias("Remove")]
    Task Remove();

    /// <summary>Applies node reports in order; durable when it returns.</summary>
    [Alias("ReportNodes")]
    Task ReportNodes(ImmutableArray<NodeReport> reports);

    /// <summary>Jobs whose rows were just committed.</summary>
    [Alias("AddJobs")]
    Task AddJobs(ImmutableArray<JobTicket> jobs);

    /// <summary>
    /// The next job for a worker connection, as soon as there is one; null after a while. The connection holds the job until it closes or returns it, and keeps it by
    /// <see cref="RenewJob"/> (see <see cref="JobLease"/>). Jobs of one group are handed out one at a time, in order. A session named <c>worker/number</c> ends those of the same
    /// worker with lower numbers.
    /// </summary>
    [Alias("NextJob"), AlwaysInterleave]
    Task<JobTicket?> NextJob(string session, CancellationToken cancellation);

    /// <summary>The connection works on this job, or is about to. False when the job is not, or no longer, its own: then it must not go on.</summary>
    [Alias("RenewJob"), AlwaysInterleave]
    Task<bool> RenewJob(string session, string jobId);

    /// <summary>The job is done, failed or moot; its row is gone. Of a job that another connection holds by now it is that one to say so.</summary>
    [Alias("CloseJob")]
    Task CloseJob(string session, string jobId);

    /// <summary>The job could not be done now; it is handed out again after a pause. Returns how often that has happened.</summary>
    [Alias("ReturnJob")]
    Task<int> ReturnJob(string session, string jobId);

    /// <summary>The connection is gone; its job is handed out again: at once if it is the first that this job loses, else after a pause.</summary>
    [Alias("EndSession")]
    Task EndSession(string session);

    /// <summary>The current node-condition rules, as soon as their version is beyond <paramref name="version"/>; after a while in any case.</summary>
    [Alias("WaitForRules"), AlwaysInterleave]
    Task<NodeConditionRules> WaitForRules(long version, CancellationToken cancellation);
}

[GenerateSerializer, Immutable, Alias("osmo.RegisterBackend")]
public sealed record RegisterBackend(string KubernetesUid, string Namespace, string Version, string NodeConditionPrefix);

public enum RegisterBackendResult
{
    Accepted = 1,

    /// <summary>The name belongs to another cluster.</summary>
    OtherCluster,
}

/// <summary>What an operator says of a node (contract: backend-protocol §8). <paramref name="Hostname"/> is its key within the backend.</summary>
[GenerateSerializer, Immutable, Alias("osmo.NodeReport")]
public abstract record NodeReport([property: Id(0)] string Hostname)
{
    /// <param name="Resource">The body of the <c>resource</c> message, JSON.</param>
    [GenerateSerializer, Immutable, Alias("osmo.NodeReport.Resource")]
    public sealed record ResourceChanged(string Hostname, [property: Id(0)] string Resource) : NodeReport(Hostname);

    /// <param name="Usage">The body of the <c>resource_usage</c> message, JSON.</param>
    [GenerateSerializer, Immutable, Alias("osmo.NodeReport.Usage")]
    public sealed record UsageChanged(string Hostname, [property: Id(0)] string Usage) : NodeReport(Hostname);

    [GenerateSerializer, Immutable, Alias("osmo.NodeReport.Removed")]
    public sealed record Removed(string Hostname) : NodeReport(Hostname);

    /// <summary>These are all nodes there are; others are forgotten.</summary>
    [GenerateSerializer, Immutable, Alias("osmo.NodeReport.All")]
    public sealed record All([property: Id(0)] ImmutableArray<string> Hostnames) : NodeReport("");
}

/// <param name="Lane">Jobs of one lane are handed out one at a time, in order: those of one group, so that what removes its objects never overtakes what creates them.</param>
/// <param name="Order">Jobs are handed out in this order, urgent ones before the others: the time the job was committed, in ticks.</param>
[GenerateSerializer, Immutable, Alias("osmo.JobTicket")]
public sealed record JobTicket(string JobId, string WorkflowUuid, string Lane, long Order)
{
    /// <summary>How many connections ended, or fell silent, while they held the job: it may be the job that breaks them.</summary>
    [Id(0)]
    public int Breaks { get; init; }

    /// <summary>Handed out before what is not urgent, except in its own lane (contract: backend-protocol §10.3).</summary>
    [Id(1)]
    public bool IsUrgent { get; init; }
}

/// <param name="Rules">Node condition type pattern to allowed status pattern.</param>
[GenerateSerializer, Immutable, Alias("osmo.NodeConditionRules")]
public sealed record NodeConditionRules(long Version, ImmutableDictionary<string, string> Rules);
