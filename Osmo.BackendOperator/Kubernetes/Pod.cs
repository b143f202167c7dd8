using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.BackendOperator.Kubernetes;

/// <summary>What is read of a pod.</summary>
public sealed record Pod(ObjectMeta Metadata, PodSpec Spec, PodStatus? Status = null)
{
    public PodStatus Status { get; init; } = Status ?? new PodStatus();

    [JsonIgnore]
    public ObjectRef Ref => new(ObjectKind.Pod, Metadata.Namespace, Metadata.Name);
}

public sealed record PodSpec(
    IReadOnlyList<Container> Containers,
    IReadOnlyList<Container>? InitContainers = null,
    IReadOnlyList<Volume>? Volumes = null,
    string? NodeName = null,
    IReadOnlyDictionary<string, string>? NodeSelector = null,
    long? TerminationGracePeriodSeconds = null,
    string? ServiceAccountName = null)
{
    private static readonly Dictionary<string, string> NoPairs = [];

    public IReadOnlyList<Container> InitContainers { get; init; } = InitContainers ?? [];

    public IReadOnlyList<Volume> Volumes { get; init; } = Volumes ?? [];

    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = NodeSelector ?? NoPairs;
}

public sealed record Container(
    string Name,
    string? Image = null,
    IReadOnlyList<string>? Command = null,
    IReadOnlyList<string>? Args = null,
    string? WorkingDir = null,
    IReadOnlyList<EnvVar>? Env = null,
    IReadOnlyList<VolumeMount>? VolumeMounts = null,
    ResourceRequirements? Resources = null)
{
    public IReadOnlyList<string> Command { get; init; } = Command ?? [];

    public IReadOnlyList<string> Args { get; init; } = Args ?? [];

    public IReadOnlyList<EnvVar> Env { get; init; } = Env ?? [];

    public IReadOnlyList<VolumeMount> VolumeMounts { get; init; } = VolumeMounts ?? [];

    /// <inheritdoc cref="ResourceRequirements.Effective"/>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Requests => (Resources ?? new ResourceRequirements()).Effective;
}

/// <summary>Quantities are strings or bare numbers.</summary>
public sealed record ResourceRequirements(Dictionary<string, JsonElement>? Requests = null, Dictionary<string, JsonElement>? Limits = null)
{
    /// <summary>Requested quantities, where a limit without request counts as the request.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Effective
    {
        get
        {
            var requests = new Dictionary<string, string>();
            foreach (var (name, quantity) in (Limits ?? []).Concat(Requests ?? []))
            {
                requests[name] = Quantity.TextOf(quantity);
            }

            return requests;
        }
    }
}

/// <summary>The little of a pod that reports on it need; most of a pod is its specification.</summary>
internal sealed record ReportedPod(ObjectMeta Metadata, ReportedPodSpec Spec, PodStatus? Status = null);

internal sealed record ReportedPodSpec(IReadOnlyList<ReportedContainer> Containers, string? NodeName = null);

internal sealed record ReportedContainer(string Name, ResourceRequirements? Resources = null);

public sealed record EnvVar(string Name, string? Value = null, EnvVarSource? ValueFrom = null);

public sealed record EnvVarSource(
    KeySelector? SecretKeyRef = null,
    KeySelector? ConfigMapKeyRef = null,
    FieldSelector? FieldRef = null,
    ResourceFieldSelector? ResourceFieldRef = null);

public sealed record KeySelector(string Name, string Key, bool Optional = false);

public sealed record FieldSelector(string FieldPath);

public sealed record ResourceFieldSelector(string Resource, string? ContainerName = null);

public sealed record VolumeMount(string Name, string MountPath, string? SubPath = null, bool ReadOnly = false);

/// <summary>A volume; none of the sources is an <c>emptyDir</c>.</summary>
public sealed record Volume(
    string Name,
    SecretVolume? Secret = null,
    ConfigMapVolume? ConfigMap = null,
    HostPathVolume? HostPath = null)
{
    // Extension data cannot be init-only.
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? OtherSources { get; set; }
}

public sealed record SecretVolume(string SecretName, IReadOnlyList<KeyToPath>? Items = null, bool Optional = false);

public sealed record ConfigMapVolume(string Name, IReadOnlyList<KeyToPath>? Items = null, bool Optional = false);

public sealed record HostPathVolume(string Path);

public sealed record KeyToPath(string Key, string Path);

/// <summary>A Secret or ConfigMap.</summary>
/// <param name="Data">Base64 in a Secret, plain text in a ConfigMap.</param>
public sealed record KeyedData(
    ObjectMeta Metadata,
    IReadOnlyDictionary<string, string>? Data = null,
    IReadOnlyDictionary<string, string>? StringData = null,
    IReadOnlyDictionary<string, string>? BinaryData = null);
