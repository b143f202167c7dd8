using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>One version of an object, as the bytes that are served.</summary>
public sealed class StoredObject
{
    public StoredObject(ObjectKey key, JsonObject document, long version)
    {
        Key = key;
        Version = version;
        Utf8 = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document);
        Uid = (string?)document["metadata"]!["uid"] ?? "";
        Labels = document["metadata"]!["labels"] is JsonObject labels
            ? labels.ToDictionary(label => label.Key, label => (string?)label.Value ?? "")
            : [];
    }

    public ObjectKey Key { get; }

    public long Version { get; }

    public ReadOnlyMemory<byte> Utf8 { get; }

    public string Uid { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>A copy to read or change.</summary>
    public JsonObject ToJson() => JsonNode.Parse(Utf8.Span)!.AsObject();
}
