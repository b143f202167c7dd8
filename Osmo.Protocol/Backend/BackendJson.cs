using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(BackendMessage.Init))]
[JsonSerializable(typeof(BackendMessage.Logging))]
[JsonSerializable(typeof(BackendMessage.UpdatePod))]
[JsonSerializable(typeof(BackendMessage.MonitorPod))]
[JsonSerializable(typeof(BackendMessage.PodConditions))]
[JsonSerializable(typeof(BackendMessage.PodEvent))]
[JsonSerializable(typeof(BackendMessage.Resource))]
[JsonSerializable(typeof(BackendMessage.ResourceUsage))]
[JsonSerializable(typeof(BackendMessage.DeleteResource))]
[JsonSerializable(typeof(BackendMessage.NodeHash))]
[JsonSerializable(typeof(BackendMessage.Heartbeat))]
[JsonSerializable(typeof(BackendMessage.TaskList))]
[JsonSerializable(typeof(BackendMessage.Metrics))]
[JsonSerializable(typeof(BackendMessage.PodLog))]
[JsonSerializable(typeof(BackendMessage.JobStatus))]
[JsonSerializable(typeof(BackendMessage.Ack))]
[JsonSerializable(typeof(BackendMessage.NodeConditions))]
[JsonSerializable(typeof(LeftoverReport))]
internal sealed partial class BackendJson : JsonSerializerContext;

/// <summary>The three keys around every body (contract: backend-protocol §3).</summary>
internal sealed record Envelope(string Type, JsonElement Body, string? Uuid = null);
