using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.BackendOperator.Kubernetes;

/// <summary>What is read of an object's metadata.</summary>
public sealed record ObjectMeta(
    string Name,
    string? Namespace = null,
    string? Uid = null,
    string? ResourceVersion = null,
    DateTimeOffset? CreationTimestamp = null,
    DateTimeOffset? DeletionTimestamp = null,
    long? DeletionGracePeriodSeconds = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    IReadOnlyDictionary<string, string>? Annotations = null,
    IReadOnlyList<string>? Finalizers = null)
{
    private static readonly Dictionary<string, string> NoPairs = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = Labels ?? NoPairs;

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Annotations ?? NoPairs;

    public IReadOnlyList<string> Finalizers { get; init; } = Finalizers ?? [];
}

/// <summary>The part every object has.</summary>
public sealed record ObjectHead(string Kind, string ApiVersion, ObjectMeta Metadata);

/// <summary>The part every item of a list has.</summary>
public sealed record ListItemHead(ObjectMeta Metadata);

/// <summary>An apiVersion and kind, such as <c>v1</c> <c>Pod</c>.</summary>
public sealed record ObjectKind(string ApiVersion, string Kind)
{
    public static readonly ObjectKind Pod = new("v1", "Pod");
    public static readonly ObjectKind Node = new("v1", "Node");
    public static readonly ObjectKind Event = new("v1", "Event");
    public static readonly ObjectKind Secret = new("v1", "Secret");
    public static readonly ObjectKind ConfigMap = new("v1", "ConfigMap");
    public static readonly ObjectKind Namespace = new("v1", "Namespace");

    public override string ToString() => $"{ApiVersion} {Kind}";
}

/// <summary>Names one object; <paramref name="Namespace"/> is null for cluster-wide kinds.</summary>
public sealed record ObjectRef(ObjectKind Kind, string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? $"{Kind.Kind} {Name}" : $"{Kind.Kind} {Namespace}/{Name}";
}

/// <summary>Times as Kubernetes writes them: whole seconds with <c>Z</c>.</summary>
internal sealed class KubernetesTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));

    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
