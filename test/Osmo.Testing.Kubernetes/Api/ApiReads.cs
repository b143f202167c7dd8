using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>Lists in pages and watches.</summary>
internal sealed class ApiReads(ApiStorage storage)
{
    /// <summary>Half-read lists remembered; the oldest expire first.</summary>
    private const int ContinuationsMax = 16;

    /// <summary>How a list without contents is asked for.</summary>
    public const string PartialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private readonly ConcurrentDictionary<string, (IReadOnlyList<StoredObject> Items, long Version)> _continuations = [];
    private int _lists;

    /// <summary>Half-read lists must be begun again.</summary>
    public void ForgetContinuations() => _continuations.Clear();

    public async Task ListAsync(HttpContext context, ApiCall call)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], out var given) && given > 0 ? given : int.MaxValue;
        var (items, version, start, id) = Begin(call, query);
        var page = items.Skip(start).Take(limit).ToList();
        var remaining = items.Count - start - page.Count;
        if (remaining > 0)
        {
            Remember(id, items, version);
        }

        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (remaining > 0)
        {
            metadata["continue"] = $"{id}:{start + page.Count}";
            metadata["remainingItemCount"] = remaining;
        }

        var (kind, apiVersion) = call.IsOfMetadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (call.Resource.Kind, call.Resource.ApiVersion);
        context.Response.ContentType = "application/json";
        var response = context.Response.BodyWriter;
        await response.WriteAsync(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"kind":"{{kind}}List","apiVersion":"{{apiVersion}}","metadata":{{metadata.ToJsonString()}},"items":["""));
        for (var i = 0; i < page.Count; i++)
        {
            await response.WriteAsync(i == 0 ? default : ","u8.ToArray());
            await response.WriteAsync(call.IsOfMetadata ? ListItems.OnlyMetadata(page[i]) : ListItems.WithoutKind(page[i]));
        }

        await response.WriteAsync("]}"u8.ToArray());
    }

    /// <param name="ended">The connection breaks.</param>
    /// <param name="muted">Nothing more is said.</param>
    public async Task WatchAsync(HttpContext context, ApiCall call, CancellationToken ended, CancellationToken muted)
    {
        var query = context.Request.Query;
        var selectors = Selectors.Parse(query["labelSelector"], query["fieldSelector"]);
        var after = long.TryParse(query["resourceVersion"], out var version) ? version : storage.Version;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, context.RequestAborted);
        context.Response.ContentType = "application/json";
        var response = context.Response.BodyWriter;
        if (storage.Watch(after, either.Token) is not { } changes)
        {
            await response.WriteAsync(Line("ERROR", ApiException.Expired($"too old resource version: {after} ({storage.Version})").Status), either.Token);
            return;
        }

        await response.FlushAsync(either.Token);
        var hasBookmarks = query["allowWatchBookmarks"] == "true";
        var told = after;
        while (await changes.WaitToReadAsync(CancellationToken.None))
        {
            if (muted.IsCancellationRequested)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
            }

            var isNews = false;
            while (changes.TryRead(out var change))
            {
                told = change.Object.Version;
                if (Shown(change, call, selectors) is { } type)
                {
                    isNews = true;
                    response.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","object":"""));
                    response.Write(change.Object.Utf8.Span);
                    response.Write("}\n"u8);
                    if (response.UnflushedBytes > 64 << 10)
                    {
                        await response.FlushAsync(either.Token);
                    }
                }
            }

            if (!isNews && hasBookmarks && changes.Count == 0)
            {
                await response.WriteAsync(Line("BOOKMARK", Bookmark(call.Resource, told)), either.Token);
            }

            await response.FlushAsync(either.Token);
        }

        either.Token.ThrowIfCancellationRequested();
    }

    private (IReadOnlyList<StoredObject> Items, long Version, int Start, string Id) Begin(ApiCall call, IQueryCollection query)
    {
        if ((string?)query["continue"] is { Length: > 0 } token)
        {
            var parts = token.Split(':');
            return _continuations.TryGetValue(parts[0], out var known)
                ? (known.Items, known.Version, int.Parse(parts[1], CultureInfo.InvariantCulture), parts[0])
                : throw ApiException.Expired("The provided continue parameter is too old to display a consistent list result.");
        }

        var selectors = Selectors.Parse(query["labelSelector"], query["fieldSelector"]);
        var (items, version) = storage.List(call.Resource, call.Namespace);
        return ([.. items.Where(selectors.Match)], version, 0, Interlocked.Increment(ref _lists).ToString("D9", CultureInfo.InvariantCulture));
    }

    private void Remember(string id, IReadOnlyList<StoredObject> items, long version)
    {
        _continuations[id] = (items, version);
        while (_continuations.Count > ContinuationsMax)
        {
            _continuations.TryRemove(_continuations.Keys.Min()!, out _);
        }
    }

    /// <summary>An object that no longer fits the selectors is gone for the watcher, one that begins to fit is new.</summary>
    private static string? Shown(Change change, ApiCall call, Selectors selectors)
    {
        var key = change.Object.Key;
        if (key.Resource != call.Resource || (call.Namespace is not null && key.Namespace != call.Namespace))
        {
            return null;
        }

        var (was, @is) = (change.Before is not null && selectors.Match(change.Before), change.Type != "DELETED" && selectors.Match(change.Object));
        return (was, @is) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
    }

    /// <param name="told">What comes after it is still to be told, also to whoever goes on from the bookmark.</param>
    private static JsonObject Bookmark(Resource resource, long told) => new()
    {
        ["kind"] = resource.Kind,
        ["apiVersion"] = resource.ApiVersion,
        ["metadata"] = new JsonObject { ["resourceVersion"] = told.ToString(CultureInfo.InvariantCulture) },
    };

    private static byte[] Line(string type, JsonObject @object) =>
        System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = @object }.ToJsonString() + "\n");
}

/// <summary>Items of a list do not say what they are; the list does.</summary>
internal static class ListItems
{
    /// <summary>Those of partial lists do say what they are: parts of objects.</summary>
    public static byte[] OnlyMetadata(StoredObject item) => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item.ToJson()["metadata"]!.DeepClone(),
    }.ToJsonString());

    public static byte[] WithoutKind(StoredObject item)
    {
        var document = item.ToJson();
        document.Remove("kind");
        document.Remove("apiVersion");
        return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
    }
}
