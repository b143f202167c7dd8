namespace Osmo.Testing.Kubernetes.Api;

/// <summary>A kind as the API server serves it; <paramref name="Group"/> is empty for the core group.</summary>
public sealed record Resource(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    public static readonly Resource Pods = new("", "v1", "pods", "Pod", true);
    public static readonly Resource Nodes = new("", "v1", "nodes", "Node", false);
    public static readonly Resource Events = new("", "v1", "events", "Event", true);
    public static readonly Resource Namespaces = new("", "v1", "namespaces", "Namespace", false);
    public static readonly Resource Secrets = new("", "v1", "secrets", "Secret", true);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As messages name it: <c>pods</c>, <c>queues.scheduling.run.ai</c>.</summary>
    public string Name => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>What a server serves unless it is told otherwise: what an OSMO backend has.</summary>
    public static IReadOnlyList<Resource> Usual { get; } =
    [
        Pods,
        Nodes,
        Events,
        Namespaces,
        Secrets,
        new("", "v1", "services", "Service", true),
        new("", "v1", "configmaps", "ConfigMap", true),
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true),
        new("apps", "v1", "deployments", "Deployment", true),
        new("apps", "v1", "daemonsets", "DaemonSet", true),
        new("batch", "v1", "jobs", "Job", true),
        new("batch", "v1", "cronjobs", "CronJob", true),
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
        new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false),
        new("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false),
        new("scheduling.run.ai", "v2", "queues", "Queue", false),
        new("scheduling.run.ai", "v2alpha2", "podgroups", "PodGroup", true),
        new("kai.scheduler", "v1alpha1", "topologies", "Topology", false),
    ];
}

/// <summary>Names one object; <paramref name="Namespace"/> is null for cluster-wide resources.</summary>
public sealed record ObjectKey(Resource Resource, string? Namespace, string Name)
{
    public override string ToString() => $"{Resource.Name} \"{Name}\"";
}
