using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>Settings that hold for every workflow unless its pool says otherwise (contract: config §3.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkflowConfig
{
    public WorkflowDataConfig WorkflowData { get; init; } = new();

    public WorkflowStorageConfig WorkflowLog { get; init; } = new();

    public WorkflowStorageConfig WorkflowApp { get; init; } = new();

    public WorkflowInfoConfig WorkflowInfo { get; init; } = new();

    public BackendImagesConfig BackendImages { get; init; } = new();

    public WorkflowAlertsConfig WorkflowAlerts { get; init; } = new();

    public CredentialCheckConfig CredentialConfig { get; init; } = new();

    public UserWorkflowLimits UserWorkflowLimits { get; init; } = new();

    public PluginsConfig PluginsConfig { get; init; } = new();

    public LabelsConfig LabelsConfig { get; init; } = new();

    /// <summary>Tasks of one workflow.</summary>
    public int MaxNumTasks { get; init; } = 20;

    /// <summary>Ports of one port-forward call.</summary>
    public int MaxNumPortsPerTask { get; init; } = 30;

    public int MaxRetryPerTask { get; init; }

    public int MaxRetryPerJob { get; init; } = 5;

    /// <summary>Kept for clients that show it; nothing reads it.</summary>
    public int DefaultScheduleTimeout { get; init; } = 30;

    public Duration DefaultExecTimeout { get; init; } = Duration.Parse("60d");

    public Duration DefaultQueueTimeout { get; init; } = Duration.Parse("60d");

    public Duration MaxExecTimeout { get; init; } = Duration.Parse("60d");

    public Duration MaxQueueTimeout { get; init; } = Duration.Parse("60d");

    /// <summary>Kept for clients that show it; nothing reads it.</summary>
    public Duration ForceCleanupDelay { get; init; } = Duration.Parse("1h");

    /// <summary>Lines a reader of a workflow's log gets by default.</summary>
    public int MaxLogLines { get; init; } = 10000;

    public int MaxTaskLogLines { get; init; } = 1000;

    public int MaxErrorLogLines { get; init; } = 100;

    public int MaxEventLogLines { get; init; } = 100;

    public Duration TaskHeartbeatFrequency { get; init; } = Duration.Parse("10m");
}

/// <summary>Where intermediate data goes, and how long the runtime of a task tries; timeouts in minutes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkflowDataConfig
{
    public StorageCredential? Credential { get; init; }

    /// <summary>Prefix of a workflow's <c>outputs</c> link.</summary>
    public string BaseUrl { get; init; } = "";

    public int WebsocketTimeout { get; init; } = 1440;

    public int DataTimeout { get; init; } = 10;

    public string DownloadType { get; init; } = "download";
}

/// <summary>A place in object storage and the credential for it (contract: config §3.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkflowStorageConfig
{
    public StorageCredential? Credential { get; init; }
}

/// <summary>What may be said of workflows: tags and names (contract: config §3.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkflowInfoConfig
{
    /// <summary>Tags that may be put on workflows.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Of workflow, group and task names.</summary>
    public int MaxNameLength { get; init; } = 64;
}

/// <summary>Images of the init and ctrl containers.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BackendImagesConfig
{
    public string Init { get; init; } = "";

    public string Client { get; init; } = "";

    public ImageCredential Credential { get; init; } = new();
}

/// <summary>Empty when the images need none.</summary>
public sealed record ImageCredential
{
    public string Registry { get; init; } = "";

    public string Username { get; init; } = "";

    public Secret Auth { get; init; }

    /// <summary>Another name of <see cref="Auth"/> on input.</summary>
    [JsonInclude]
    internal Secret Password { init => Auth = value; }

    [JsonIgnore]
    public bool IsEmpty => Registry.Length == 0 && Username.Length == 0 && Auth.IsEmpty;
}

/// <summary>How users are told of their workflows (contract: config §3.2).</summary>
public sealed record WorkflowAlertsConfig
{
    /// <summary>Token of a Slack app, or the URL of an incoming webhook. Empty: nothing is sent.</summary>
    public Secret SlackToken { get; init; }

    public SmtpSettings SmtpSettings { get; init; } = new();

    /// <summary>How users can be told of the end of a workflow; none by default.</summary>
    [JsonIgnore]
    public ImmutableArray<OutboxKind> Ways =>
        [.. SmtpSettings.Host.Length > 0 ? [OutboxKind.Mail] : Array.Empty<OutboxKind>(), .. SlackToken.IsEmpty ? Array.Empty<OutboxKind>() : [OutboxKind.Slack]];
}

/// <summary>The mail server; with a password the connection is encrypted by STARTTLS (contract: lifecycle §21).</summary>
public sealed record SmtpSettings
{
    /// <summary><c>host</c> or <c>host:port</c>; port 587 if none is given. Empty: no mail is sent.</summary>
    public string Host { get; init; } = "";

    public string Sender { get; init; } = "";

    public Secret Password { get; init; }
}

/// <summary>What is not checked at submit: registry scopes (path prefixes) and storage schemes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CredentialCheckConfig
{
    public ImmutableArray<string> DisableRegistryValidation { get; init; } = [];

    public ImmutableArray<string> DisableDataValidation { get; init; } = [];
}

/// <summary>Null is no limit. Template times are seconds, memory is bytes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserWorkflowLimits
{
    public int? MaxNumWorkflows { get; init; }

    public int? MaxNumTasks { get; init; }

    public int JinjaSandboxWorkers { get; init; } = 2;

    public double JinjaSandboxMaxTime { get; init; } = 0.5;

    public long JinjaSandboxMemoryLimit { get; init; } = 104857600;
}

/// <summary>Optional services inside pods (contract: config §3.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PluginsConfig
{
    public RsyncConfig Rsync { get; init; } = new();
}

/// <summary>Limits are bytes per second (0 = none), delays seconds.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RsyncConfig
{
    public bool Enabled { get; init; }

    public bool EnableTelemetry { get; init; }

    public long ReadBandwidthLimit { get; init; } = 2621440;

    public long WriteBandwidthLimit { get; init; } = 2621440;

    /// <summary>By module name.</summary>
    public ImmutableSortedDictionary<string, RsyncPath> AllowedPaths { get; init; } = ImmutableSortedDictionary<string, RsyncPath>.Empty;

    public double DaemonDebounceDelay { get; init; } = 30.0;

    public double DaemonPollInterval { get; init; } = 120.0;

    public double DaemonReconcileInterval { get; init; } = 60.0;

    public long ClientUploadRateLimit { get; init; } = 2097152;
}

/// <summary>A folder that rsync may read, and perhaps write (contract: config §3.2).</summary>
public sealed record RsyncPath(string Path, bool Writable = false);

/// <summary>Rules for workflow labels (contract: workflow-spec §9.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LabelsConfig
{
    public ImmutableArray<LabelPolicy> Policy { get; init; } = [];

    /// <summary>Put before the keys of workflow labels on Kubernetes objects.</summary>
    public string PodLabelPrefix { get; init; } = "";
}

/// <summary>A rule on one label: whether it must be there, and which values it may have (contract: workflow-spec §9.2).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LabelPolicy
{
    public required string Key { get; init; }

    /// <summary>Empty allows every value.</summary>
    public ImmutableArray<string> AllowList { get; init; } = [];

    public LabelEnforcement Enforcement { get; init; } = LabelEnforcement.Off;

    public string AssertMessage { get; init; } = "";
}

/// <summary>What comes of breaking a rule on labels (contract: workflow-spec §9.2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelEnforcement>))]
public enum LabelEnforcement
{
    [JsonStringEnumMemberName("off")]
    Off = 1,

    [JsonStringEnumMemberName("warn")]
    Warn,

    [JsonStringEnumMemberName("enforce")]
    Enforce,
}
