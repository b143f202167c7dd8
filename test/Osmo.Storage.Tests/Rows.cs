using System.Text;
using System.Text.Json.Nodes;
using Osmo.Storage.State;

namespace Osmo.Storage.Tests;

/// <summary>Documents as the grains write them, with what a test cares about.</summary>
public static class Rows
{
    public static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    public static string Uuid(int n) => n.ToString("x32");

    public static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffff");

    /// <summary>Workflow <paramref name="n"/>, submitted n seconds after <see cref="Start"/>.</summary>
    public static RowWrite Workflow(
        int n, string user = "ann", string? pool = "pool", string status = "RUNNING", string name = "train", string priority = "NORMAL",
        DateTime? wakeAt = null, (string Key, string Value)[]? labels = null, string[]? tags = null, (string Name, int Version)? app = null, string backend = "east")
    {
        var document = new JsonObject
        {
            ["workflowUuid"] = Uuid(n),
            ["workflowId"] = $"{name}-{n}",
            ["name"] = name,
            ["number"] = n,
            ["user"] = user,
            ["pool"] = pool,
            ["backend"] = backend,
            ["priority"] = priority,
            ["status"] = status,
            ["submitTime"] = Time(Start.AddSeconds(n)),
        };
        if (labels is not null) document["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        if (tags is not null) document["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]);
        if (wakeAt is { } time) document["wakeAt"] = Time(time);
        if (app is { } used) (document["appName"], document["appVersion"]) = (used.Name, used.Version);
        return new RowWrite.Put(new(RowKind.Workflow, Uuid(n)), Json(document));
    }

    /// <summary>An attempt of a task of workflow <paramref name="n"/>; started that many seconds after <see cref="Start"/>, if at all.</summary>
    public static RowWrite Task(
        int n, string task = "main", int retry = 0, string status = "RUNNING", int? started = null, string user = "ann", string? pool = "pool",
        string priority = "NORMAL", string? node = null, int gpu = 1, double memory = 2.5, string name = "train")
    {
        var document = new JsonObject
        {
            ["workflowUuid"] = Uuid(n),
            ["workflowId"] = $"{name}-{n}",
            ["user"] = user,
            ["pool"] = pool,
            ["priority"] = priority,
            ["submitTime"] = Time(Start.AddSeconds(n)),
            ["group"] = task + "-group",
            ["name"] = task,
            ["retryId"] = retry,
            ["status"] = status,
            ["storage"] = 1.5,
            ["cpu"] = 4,
            ["memory"] = memory,
            ["gpu"] = gpu,
        };
        if (started is { } seconds) document["startTime"] = Time(Start.AddSeconds(seconds));
        if (node is not null) document["nodeName"] = node;
        return new RowWrite.Put(new(RowKind.Task, Uuid(n), $"{task}/{retry:D6}"), Json(document));
    }

    public static ReadOnlyMemory<byte> Json(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString());
}
