using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>What an <see cref="Informer{T}"/> tells.</summary>
internal abstract record Observation<T>
{
    private Observation()
    {
    }

    /// <summary>A list begins; one that began before and was not completed does not count.</summary>
    public sealed record ListStarted : Observation<T>;

    /// <summary>Some of those there are.</summary>
    public sealed record Listed(ImmutableArray<T> Items) : Observation<T>;

    /// <summary>What did not come since the start is gone.</summary>
    public sealed record ListCompleted : Observation<T>;

    public sealed record Changed(ChangeType Type, T Item) : Observation<T>;
}

/// <summary>
/// List, then watch, for ever: lists anew when the watch has lost its place, when it fails, and once per refresh interval
/// (contract: backend-protocol §8.4, §19). Objects are reduced to what is needed of them as they come, and nothing is kept.
/// </summary>
/// <param name="read">Reduces an object; one at which it throws <see cref="JsonException"/> is left out.</param>
/// <param name="refreshInterval"><see cref="Timeout.InfiniteTimeSpan"/> for lists only where a watch cannot go on.</param>
internal sealed partial class Informer<T>(
    ICluster cluster,
    ObjectKind kind,
    string? @namespace,
    Func<KubernetesObject, T> read,
    TimeSpan refreshInterval,
    OperatorMetrics metrics,
    TimeProvider time,
    ILogger logger)
    where T : notnull
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, string> _everything = [];

    public async IAsyncEnumerable<Observation<T>> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            yield return new Observation<T>.ListStarted();
            var resourceVersion = "";
            ApiError? error = null;
            await foreach (var page in cluster.ListPagesAsync(kind, @namespace, _everything, cancellation))
            {
                if (page is ApiResult<ObjectList>.Ok { Value: var list })
                {
                    resourceVersion = list.ResourceVersion;
                    yield return new Observation<T>.Listed(ReadAll(list));
                }
                else
                {
                    error = ((ApiResult<ObjectList>.Failed)page).Error;
                }
            }

            if (error is not null)
            {
                LogFailed(logger, kind.Kind, error.Message);
                await Task.Delay(RetryPause, time, cancellation);
                continue;
            }

            metrics.Listed(kind.Kind);
            yield return new Observation<T>.ListCompleted();
            using var refresh = new CancellationTokenSource(refreshInterval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(refresh.Token, cancellation);
            await foreach (var change in WatchAsync(resourceVersion, refresh.Token, either.Token))
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
    private async IAsyncEnumerable<Observation<T>> WatchAsync(
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
                        metrics.Changed(kind.Kind);
                        resourceVersion = changed.Object.Metadata.ResourceVersion ?? resourceVersion;
                        if (TryRead(changed.Object, out var item))
                        {
                            yield return new Observation<T>.Changed(changed.Type, item);
                        }

                        break;
                    case WatchEvent.Bookmark bookmark:
                        metrics.Heard(kind.Kind);
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

    private ImmutableArray<T> ReadAll(ObjectList list)
    {
        var items = ImmutableArray.CreateBuilder<T>(list.Items.Length);
        foreach (var @object in list.Items)
        {
            if (TryRead(@object, out var item))
            {
                items.Add(item);
            }
        }

        return items.DrainToImmutable();
    }

    private bool TryRead(KubernetesObject @object, [MaybeNullWhen(false)] out T item)
    {
        try
        {
            item = read(@object);
            return true;
        }
        catch (JsonException e)
        {
            LogUnreadable(logger, @object.Ref, e.Message);
            item = default;
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Listing or watching {Kind}: {Error}")]
    private static partial void LogFailed(ILogger logger, string kind, string error);

    [LoggerMessage(2, LogLevel.Error, "{Object} cannot be read and is left out: {Error}")]
    private static partial void LogUnreadable(ILogger logger, ObjectRef @object, string error);
}
