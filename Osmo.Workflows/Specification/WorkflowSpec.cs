using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Specification;

/// <summary>
/// A validated workflow specification in its one normal shape: groups of tasks, defaults filled in, tokens not yet substituted
/// (contract: workflow-spec §6, §11). A task that the author wrote outside a group stands in a group of its own named <c>task-group</c>.
/// </summary>
public sealed record WorkflowSpec
{
    public required string Name { get; init; }

    public required ImmutableArray<GroupSpec> Groups { get; init; }

    /// <summary>Never empty; author's order.</summary>
    public required ImmutableArray<KeyValuePair<string, ResourceSpec>> Resources { get; init; }

    /// <summary>As the author gave it; defaults and caps of the pool are not applied.</summary>
    public TimeoutSpec? Timeout { get; init; }

    public ImmutableArray<KeyValuePair<string, string>> Labels { get; init; } = [];
}

/// <summary>Tasks that are scheduled together (contract: workflow-spec §6.2).</summary>
public sealed record GroupSpec
{
    public required string Name { get; init; }

    public required ImmutableArray<TaskSpec> Tasks { get; init; }

    public bool Barrier { get; init; } = true;

    public bool IgnoreNonleadStatus { get; init; } = true;
}

/// <summary>One task (contract: workflow-spec §6.3).</summary>
public sealed record TaskSpec
{
    public required string Name { get; init; }

    public required string Image { get; init; }

    /// <summary>At least one element.</summary>
    public required ImmutableArray<string> Command { get; init; }

    public ImmutableArray<string> Args { get; init; } = [];

    public bool Lead { get; init; }

    public ImmutableArray<InputSpec> Inputs { get; init; } = [];

    public ImmutableArray<OutputSpec> Outputs { get; init; } = [];

    public ImmutableArray<KpiSpec> Kpis { get; init; } = [];

    /// <summary>Author's order, which matters for <c>$(VAR)</c> references.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];

    public ImmutableArray<FileSpec> Files { get; init; } = [];

    public ImmutableArray<CredentialUse> Credentials { get; init; } = [];

    /// <summary>Key into <see cref="WorkflowSpec.Resources"/>.</summary>
    public string Resource { get; init; } = "default";

    public ImmutableArray<string> VolumeMounts { get; init; } = [];

    public bool Privileged { get; init; }

    public bool HostNetwork { get; init; }

    public string? DownloadType { get; init; }

    public string? CacheSize { get; init; }

    public ImmutableArray<ExitActionSpec> ExitActions { get; init; } = [];

    public ImmutableArray<CheckpointSpec> Checkpoint { get; init; } = [];
}

/// <summary>One input, placed in <c>/osmo/data/input/&lt;index&gt;</c> (contract: workflow-spec §6.4).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FromTask), "task")]
[JsonDerivedType(typeof(FromOtherWorkflow), "workflow")]
[JsonDerivedType(typeof(FromUrl), "url")]
public abstract record InputSpec(string Regex)
{
    /// <summary>Output of a task of this workflow.</summary>
    public sealed record FromTask(string Task, string Regex) : InputSpec(Regex);

    /// <summary>Output of a finished task of another workflow, written <c>workflow-id:task</c>.</summary>
    public sealed record FromOtherWorkflow(string WorkflowId, string Task, string Regex) : InputSpec(Regex);

    /// <summary>Objects of object storage.</summary>
    public sealed record FromUrl(string Url, string Regex) : InputSpec(Regex);
}

/// <summary>Where the output folder is uploaded to (contract: workflow-spec §6.5).</summary>
public sealed record OutputSpec(string Url, string Regex = "");

/// <summary>A file of the output folder that is kept with the data of the workflow (contract: workflow-spec §6.3).</summary>
public sealed record KpiSpec(string Index, string Path);

/// <summary>A file put into the task's container. <see cref="Contents"/> is base64 already when <see cref="Base64"/>.</summary>
public sealed record FileSpec(string Path, string Contents, bool Base64 = false);

/// <summary>Use of one of the submitter's credentials (contract: workflow-spec §6.8).</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AsFiles), "files")]
[JsonDerivedType(typeof(AsEnvironment), "environment")]
public abstract record CredentialUse(string Credential)
{
    /// <summary>Every key of the credential becomes a file in the directory.</summary>
    public sealed record AsFiles(string Credential, string Directory) : CredentialUse(Credential);

    /// <summary>Environment variable name to credential key.</summary>
    public sealed record AsEnvironment(string Credential, ImmutableArray<KeyValuePair<string, string>> Variables)
        : CredentialUse(Credential);
}

/// <summary>
/// Resources of a task (contract: workflow-spec §6.9). Quantities are normalised texts such as <c>4Gi</c> or <c>1048576.0Ki</c>.
/// </summary>
public sealed record ResourceSpec
{
    public int? Cpu { get; init; }

    public int? Gpu { get; init; }

    public string? Memory { get; init; }

    public string? Storage { get; init; }

    /// <summary>Null until resolved against the pool.</summary>
    public string? Platform { get; init; }

    public ImmutableArray<string> NodesExcluded { get; init; } = [];

    public ImmutableArray<TopologySpec> Topology { get; init; } = [];
}

/// <summary>Tasks of the same <paramref name="Group"/> are placed in one domain of <paramref name="Key"/> (contract: workflow-spec §6.9).</summary>
public sealed record TopologySpec(string Key, string Group = "default", bool Required = true);

/// <summary>Null members were not given (contract: workflow-spec §6.10).</summary>
public sealed record TimeoutSpec(TimeSpan? ExecTimeout, TimeSpan? QueueTimeout);

/// <summary>
/// One of COMPLETE, FAIL, RESCHEDULE with its codes as written, e.g. <c>1,10-20</c> (contract: workflow-spec §6.7).
/// <paramref name="Key"/> is the action as the author wrote it, in any case.
/// </summary>
public sealed record ExitActionSpec(Lifecycle.ExitActionKind Action, string Codes, string Key);

/// <summary>A folder that is uploaded again and again while the task runs (contract: workflow-spec §6.11).</summary>
public sealed record CheckpointSpec(string Path, string Url, TimeSpan Frequency, string Regex = "");
