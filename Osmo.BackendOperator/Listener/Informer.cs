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
/// List, then watch, for ever: a watch that ends or breaks is opened again where it was, with growing pauses while that fails; lists anew when its
/// place is lost, when it has failed several times, and once per refresh interval (contract: backend-protocol §8.4, §19). Objects are reduced to what is needed of them as they come, and nothing is kept.
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
    /// <summary>Before the next try after a failure; it doubles with each failure in a row.</summary>
    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause; a watch that lasted for longer was alive, even if it said nothing.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>After so many failures in a row nobody relies on the place in the watch any more.</summary>
    private const int FailuresUntilList = 5;

    private readonly Dictionary<string, string> _everything = [];
    private string _resourceVersion = "";

    /// <summary>In a row.</summary>
    private int _failures;

    /// <summary>To be called once.</summary>
    public async IAsyncEnumerable<Observation<T>> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            yield return new Observation<T>.ListStarted();
            ApiError? error = null;
            await foreach (var page in cluster.ListPagesAsync(kind, @namespace, _everything, cancellation))
            {
                if (page is ApiResult<ObjectList>.Ok { Value: var list })
                {
                    _resourceVersion = list.ResourceVersion;
                    yield return new Observation<T>.Listed(ReadAll(list));
                }
                else
                {
                    error = ((ApiResult<ObjectList>.Failed)page).Error;
                }
            }

            if (error is not null)
            {
                await PauseAsync(error, cancellation);
                continue;
            }

            metrics.Listed(kind.Kind);
            yield return new Observation<T>.ListCompleted();
            using var refresh = new CancellationTokenSource(refreshInterval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(refresh.Token, cancellation);
            await foreach (var change in WatchAsync(refresh.Token, either.Token).WithCancellation(cancellation))
            {
                yield return change;
            }
        }
    }

    /// <summary>Watch after watch, each from where the one before got to. Ends when it is time to list anew.</summary>
    private async IAsyncEnumerable<Observation<T>> WatchAsync(
        CancellationToken refresh, CancellationToken either, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            var opened = time.GetTimestamp();
            var isHeard = false;
            ApiError? error = null;
            await using var changes = cluster.WatchAsync(kind, @namespace, _resourceVersion, either).GetAsyncEnumerator(either);
            while (await MoveAsync(changes, refresh))
            {
                switch (changes.Current)
                {
                    case WatchEvent.Changed { Object: var @object, Type: var type }:
                        isHeard = true;
                        _resourceVersion = @object.Metadata.ResourceVersion ?? _resourceVersion;
                        metrics.Changed(kind.Kind);
                        if (TryRead(@object, out var item))
                        {
                            yield return new Observation<T>.Changed(type, item);
                        }

                        break;
                    case WatchEvent.Bookmark bookmark:
                        isHeard = true;
                        _resourceVersion = bookmark.ResourceVersion;
                        metrics.Heard(kind.Kind);
                        break;
                    case WatchEvent.Failed failed:
                        error = failed.Error;
                        break;
                }
            }

            if (refresh.IsCancellationRequested || !await MayGoOnAsync(error, isHeard || time.GetElapsedTime(opened) > PauseMax, cancellation))
            {
                yield break;
            }
        }
    }

    /// <summary>Waits, if need be, until the next watch may be opened.</summary>
    /// <returns>False when its place is lost, or cannot be relied on.</returns>
    private async Task<bool> MayGoOnAsync(ApiError? error, bool wasAlive, CancellationToken cancellation)
    {
        _failures = wasAlive ? 0 : _failures;
        if (wasAlive && error is null)
        {
            return true;
        }

        await PauseAsync(error, cancellation);
        return error is not { Failure: ApiFailure.Gone or ApiFailure.Invalid } && _failures % FailuresUntilList != 0;
    }

    private async Task PauseAsync(ApiError? error, CancellationToken cancellation)
    {
        if (error is { Failure: not ApiFailure.Gone })
        {
            LogFailed(logger, kind.Kind, error.Message);
        }

        var pause = PauseFirst * Math.Pow(2, Math.Min(_failures++, 16));
        pause = pause < PauseMax ? pause : PauseMax;
        await Task.Delay(error?.RetryAfter is { } wanted && wanted > pause ? wanted : pause, time, cancellation);
    }

    /// <summary>When it is time to list anew, the watch ends.</summary>
    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<WatchEvent> changes, CancellationToken refresh)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (OperationCanceledException) when (refresh.IsCancellationRequested)
        {
            return false;
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
