using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// What an administrator sets on a backend (contract: backend-protocol §17); what its operator announces is not configuration.
/// </summary>
public sealed record BackendConfig
{
    public string Description { get; init; } = "";

    public string DashboardUrl { get; init; } = "";

    public string GrafanaUrl { get; init; } = "";

    public ImmutableArray<string> Tests { get; init; } = [];

    public SchedulerSettings SchedulerSettings { get; init; } = new();

    public NodeConditionsConfig NodeConditions { get; init; } = new();

    public string RouterAddress { get; init; } = "";
}

/// <summary>How the pods of a backend are scheduled (contract: config §3.3).</summary>
public sealed record SchedulerSettings
{
    public SchedulerType SchedulerType { get; init; } = SchedulerType.Kai;

    public string SchedulerName { get; init; } = "kai-scheduler";

    /// <summary>Kept for clients that show it; nothing reads it.</summary>
    public int SchedulerTimeout { get; init; } = 30;
}

/// <summary>The kind of scheduler (contract: config §3.3).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SchedulerType>))]
public enum SchedulerType
{
    /// <summary>KAI: gangs, queues, topology.</summary>
    [JsonStringEnumMemberName("kai")]
    Kai = 1,

    /// <summary>
    /// Whatever schedules pods that name no scheduler: no gangs, no queues. Not in the contract; for clusters without KAI.
    /// </summary>
    [JsonStringEnumMemberName("default")]
    Default,
}

/// <summary>Which conditions make a node fit for work, and the prefix of the labels that say so (contract: config §3.3).</summary>
public sealed record NodeConditionsConfig
{
    /// <summary>Regex on the condition type to regex on its status (contract: backend-protocol §8.2).</summary>
    public ImmutableSortedDictionary<string, string>? Rules { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.Add("Ready", "True");

    public string Prefix { get; init; } = "osmo.nvidia.com/";
}
