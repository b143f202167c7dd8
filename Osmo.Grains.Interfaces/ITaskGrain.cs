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

    /// <summary>The actions for the connection <paramref name="session"/>, as soon as there are any; empty after a while. A newer session (a greater text) takes over from an older one.</summary>
    [Alias("NextActions"), AlwaysInterleave]
    Task<ImmutableArray<TaskAction>> NextActions(string session, int retryId, CancellationToken cancellation);

    [Alias("Detach")]
    Task Detach(string session);
}

/// <param name="Document">The action as the runtime reads it, UTF-8 JSON (contract: runtime-protocol §7.4).</param>
[GenerateSerializer, Immutable, Alias("osmo.TaskAction")]
public sealed record TaskAction(int RetryId, string Document)
{
    /// <summary>Number of a restart, by which one that comes twice is known; null for other actions.</summary>
    [Id(0)]
    public int? Restart { get; init; }
}
