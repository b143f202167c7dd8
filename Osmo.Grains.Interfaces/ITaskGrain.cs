using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Osmo.Grains.Interfaces;

/// <summary>
/// The mailbox of a running task; the key is <c>workflow uuid/task name</c>. It brings actions to whatever gateway holds the connection of the task's in-pod runtime.
/// It keeps nothing that matters: the barrier is asked for again by the runtime, a restart is sent again by the workflow (contract: runtime-protocol §8, §9).
/// </summary>
[Alias("osmo.ITaskGrain")]
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Queues an action for the attempt's runtime.</summary>
    [Alias("Push")]
    Task Push(TaskAction action);

    /// <summary>
    /// A connection of the attempt's runtime was made. Returns its number, which says which connection is newer whatever the clocks of their gateways say; the newest takes over from the
    /// others. Of a call that is repeated the last answer counts.
    /// </summary>
    [Alias("Attach")]
    Task<long> Attach(int retryId);

    /// <summary>The actions for the connection with the number <paramref name="session"/>, as soon as there are any; empty after a while.</summary>
    [Alias("NextActions"), AlwaysInterleave]
    Task<ImmutableArray<TaskAction>> NextActions(long session, int retryId, CancellationToken cancellation);

    /// <summary>The connection is gone; an older one that still asks may be the one that counts.</summary>
    [Alias("Detach")]
    Task Detach(long session);
}

/// <param name="Document">The action as the runtime reads it, UTF-8 JSON (contract: runtime-protocol §7.4).</param>
[GenerateSerializer, Immutable, Alias("osmo.TaskAction")]
public sealed record TaskAction(int RetryId, string Document)
{
    /// <summary>Number of a restart, by which one that comes twice is known; null for other actions.</summary>
    [Id(0)]
    public int? Restart { get; init; }

    /// <summary>The group's barrier is open.</summary>
    public static TaskAction Barrier(int retryId) => new(retryId, """{"action":"barrier"}""");
}
