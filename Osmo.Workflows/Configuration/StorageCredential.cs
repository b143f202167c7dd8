using System.Text.Json.Serialization;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// Where data lies and how to get at it (contract: config §3.2, runtime-protocol §17.2). With an access key it is a static credential,
/// without one the storage library's own credential chain applies. Besides the contract's schemes the endpoint may be a <c>file:///</c>
/// URL: a folder of this machine.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StorageCredential
{
    public required string Endpoint { get; init; }

    public string? Region { get; init; }

    public string? OverrideUrl { get; init; }

    /// <summary><c>virtual</c>, <c>path</c> or <c>auto</c>.</summary>
    public string? AddressingStyle { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AccessKeyId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Secret? AccessKey { get; init; }

    [JsonIgnore]
    public bool IsStatic => AccessKeyId is not null && AccessKey is not null;
}
