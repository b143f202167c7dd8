using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>What an <see cref="Informer"/> tells.</summary>
internal abstract record Observation
{
    private Observation()
    {
    }

    /// <summary>All there are; what is not in it is gone.</summary>
    public sealed record Listed(ImmutableArray<KubernetesObject> Items) : Observation;

    public sealed record Changed(ChangeType Type, KubernetesObject Object) : Observation;
}

/// <summary>
/// List, then watch, for ever: lists anew when the watch has lost its place, when it fails, and once per refresh interval
/// (contract: backend-protocol §8.4, §19).
/// </summary>
internal sealed partial class Informer(
    ICluster cluster,
    ObjectKind kind,
    string? @namespace,
    TimeSpan refreshInterval,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> Everything = [];

    public async IAsyncEnumerable<Observation> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var listed = await cluster.ListAsync(kind, @namespace, Everything, cancellation);
            if (listed is not ApiResult<ObjectList>.Ok { Value: var list })
            {
                LogFailed(logger, kind.Kind, ((ApiResult<ObjectList>.Failed)listed).Error.Message);
                await Task.Delay(RetryPause, time, cancellation);
                continue;
            }

            yield return new Observation.Listed(list.Items);
            using var refresh = new CancellationTokenSource(refreshInterval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(refresh.Token, cancellation);
            await foreach (var change in WatchAsync(list.ResourceVersion, refresh.Token, either.Token))
            {
                yield return change;
            }

            if (!refresh.IsCancellationRequested)
            {
                await Task.Delay(RetryPause, time, cancellation);
            }
        }
    }

    /// <summary>Ends when it is time to list anew.</summary>
    private async IAsyncEnumerable<Observation> WatchAsync(
        string resourceVersion,
        CancellationToken refresh,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var isIdle = true;
            await using var changes = cluster.WatchAsync(kind, @namespace, resourceVersion, cancellation).GetAsyncEnumerator(cancellation);
            while (true)
            {
                try
                {
                    if (!await changes.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (OperationCanceledException) when (refresh.IsCancellationRequested)
                {
                    yield break;
                }

                isIdle = false;
                switch (changes.Current)
                {
                    case WatchEvent.Changed changed:
                        resourceVersion = changed.Object.Metadata.ResourceVersion ?? resourceVersion;
                        yield return new Observation.Changed(changed.Type, changed.Object);
                        break;
                    case WatchEvent.Bookmark bookmark:
                        resourceVersion = bookmark.ResourceVersion;
                        break;
                    case WatchEvent.Failed { Error.Failure: ApiFailure.Gone }:
                        yield break;
                    case WatchEvent.Failed failed:
                        LogFailed(logger, kind.Kind, failed.Error.Message);
                        yield break;
                }
            }

            if (isIdle)
            {
                yield break;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Listing or watching {Kind}: {Error}")]
    private static partial void LogFailed(ILogger logger, string kind, string error);
}
