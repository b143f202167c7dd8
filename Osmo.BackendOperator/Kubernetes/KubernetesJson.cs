using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Osmo.BackendOperator.Kubernetes;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(KubernetesTime)])]
[JsonSerializable(typeof(ObjectHead))]
[JsonSerializable(typeof(ListItemHead))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(ReportedPod))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(ClusterEvent))]
[JsonSerializable(typeof(KeyedData))]
internal sealed partial class KubernetesJson : JsonSerializerContext;

/// <summary>An object of the cluster as its immutable JSON document, with the head read.</summary>
public sealed class KubernetesObject
{
    private const string NotNull = "An object of the cluster is not null.";

    private KubernetesObject(JsonElement document, ObjectKind kind, ObjectMeta metadata)
    {
        Document = document;
        Kind = kind;
        Metadata = metadata;
    }

    /// <summary>As it came: an item of a list has neither apiVersion nor kind.</summary>
    public JsonElement Document { get; }

    public ObjectKind Kind { get; }

    public ObjectMeta Metadata { get; }

    public ObjectRef Ref => new(Kind, Metadata.Namespace, Metadata.Name);

    /// <exception cref="JsonException">It lacks apiVersion, kind or metadata.name, or these have the wrong shape.</exception>
    public static KubernetesObject From(JsonNode document) => From(JsonSerializer.SerializeToElement(document, NodeJson.Default.JsonNode));

    /// <inheritdoc cref="From(JsonNode)"/>
    public static KubernetesObject From(JsonElement document)
    {
        var head = document.Deserialize(KubernetesJson.Default.ObjectHead) ?? throw new JsonException(NotNull);
        return new KubernetesObject(document, new ObjectKind(head.ApiVersion, head.Kind), head.Metadata);
    }

    /// <summary>An item of a list, which does not say what it is.</summary>
    /// <exception cref="JsonException">It lacks metadata.name, or that has the wrong shape.</exception>
    public static KubernetesObject FromList(JsonElement item, ObjectKind kind) =>
        new(item, kind, (item.Deserialize(KubernetesJson.Default.ListItemHead) ?? throw new JsonException(NotNull)).Metadata);

    /// <exception cref="JsonException">The document does not fit.</exception>
    public Pod AsPod() => Document.Deserialize(KubernetesJson.Default.Pod)!;

    /// <inheritdoc cref="AsPod"/>
    internal ReportedPod AsReportedPod() => Document.Deserialize(KubernetesJson.Default.ReportedPod)!;

    /// <inheritdoc cref="AsPod"/>
    public Node AsNode() => Document.Deserialize(KubernetesJson.Default.Node)!;

    /// <inheritdoc cref="AsPod"/>
    public ClusterEvent AsEvent() => Document.Deserialize(KubernetesJson.Default.ClusterEvent)!;

    /// <inheritdoc cref="AsPod"/>
    public KeyedData AsKeyedData() => Document.Deserialize(KubernetesJson.Default.KeyedData)!;

    /// <summary>A copy to be changed.</summary>
    public JsonObject ToJson()
    {
        var document = JsonObject.Create(Document)!.DeepClone().AsObject();
        (document["apiVersion"], document["kind"]) = (Kind.ApiVersion, Kind.Kind);
        return document;
    }

    public override string ToString() => Ref.ToString();
}

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : JsonSerializerContext;
