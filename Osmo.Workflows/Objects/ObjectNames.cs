namespace Osmo.Workflows.Objects;

/// <summary>Names of a group's objects (contract: backend-protocol §11, workflow-spec §10.1). Uuids are 32 hex digits.</summary>
public static class ObjectNames
{
    public const string ControlContainer = "osmo-ctrl";

    public const string InitContainer = "osmo-init";

    public const string CleanupFinalizer = "osmo.nvidia.com/cleanup";

    /// <summary>The same for every attempt of the task.</summary>
    public static string Pod(string workflowUuid, string taskUuid) => $"{workflowUuid[..16]}-{taskUuid[..16]}";

    public static string Container(string taskName) => LabelValue.Cut(taskName).ToLowerInvariant().Replace('_', '-');

    public static string HeadlessService(string groupUuid) => $"osmo-{groupUuid}";

    /// <summary>Where the tasks of a group find each other: what <c>{{host:task}}</c> stands for.</summary>
    public static string Host(string taskUuid, string groupUuid, string @namespace) =>
        $"{taskUuid}.{HeadlessService(groupUuid)}.{@namespace}.svc.cluster.local";

    public static string FileSecret(string groupUuid, string digest) => $"osmo-{groupUuid[..16]}-{digest[..32]}";

    public static string FileDirectorySecret(string groupUuid) => $"{groupUuid}-file-dir";

    public static string UserSecrets(string groupUuid) => $"{groupUuid}-user-secrets";

    public static string UserImagePullSecret(string groupUuid) => $"{groupUuid}-user";

    public static string OsmoImagePullSecret(string groupUuid) => $"{groupUuid}-osmo";

    public static string Queue(string @namespace, string pool) => $"osmo-pool-{@namespace}-{pool}";

    public static string DefaultQueue(string @namespace) => $"osmo-default-{@namespace}";

    public static string Topology(string @namespace, string pool) => $"{Queue(@namespace, pool)}-topology";
}
