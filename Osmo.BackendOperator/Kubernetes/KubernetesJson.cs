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
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(ClusterEvent))]
[JsonSerializable(typeof(KeyedData))]
internal sealed partial class KubernetesJson : JsonSerializerContext;

/// <summary>An object of the cluster as its immutable JSON document, with the head read.</summary>
public sealed class KubernetesObject
{
    private KubernetesObject(JsonElement document, ObjectHead head)
    {
        Document = document;
        Kind = new ObjectKind(head.ApiVersion, head.Kind);
        Metadata = head.Metadata;
    }

    public JsonElement Document { get; }

    public ObjectKind Kind { get; }

    public ObjectMeta Metadata { get; }

    public ObjectRef Ref => new(Kind, Metadata.Namespace, Metadata.Name);

    /// <exception cref="JsonException">It lacks apiVersion, kind or metadata.name, or these have the wrong shape.</exception>
    public static KubernetesObject From(JsonNode document) => From(JsonSerializer.SerializeToElement(document, NodeJson.Default.JsonNode));

    /// <inheritdoc cref="From(JsonNode)"/>
    public static KubernetesObject From(JsonElement document) =>
        new(document, document.Deserialize(KubernetesJson.Default.ObjectHead) ?? throw new JsonException("An object of the cluster is not null."));

    /// <exception cref="JsonException">The document does not fit.</exception>
    public Pod AsPod() => Document.Deserialize(KubernetesJson.Default.Pod)!;

    /// <inheritdoc cref="AsPod"/>
    public Node AsNode() => Document.Deserialize(KubernetesJson.Default.Node)!;

    /// <inheritdoc cref="AsPod"/>
    public ClusterEvent AsEvent() => Document.Deserialize(KubernetesJson.Default.ClusterEvent)!;

    /// <inheritdoc cref="AsPod"/>
    public KeyedData AsKeyedData() => Document.Deserialize(KubernetesJson.Default.KeyedData)!;

    /// <summary>A copy to be changed.</summary>
    public JsonObject ToJson() => JsonObject.Create(Document)!.DeepClone().AsObject();

    public override string ToString() => Ref.ToString();
}

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : JsonSerializerContext;
