using System.Text.Json.Serialization;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Operators;
using Osmo.Gateway.Profiles;
using Osmo.Gateway.Workflows;

namespace Osmo.Gateway;

/// <summary>
/// The JSON of answers: snake_case, nulls present, times without zone, floats with their point (contract: api-rest §2.1–2.3).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(NaiveTimestampConverter), typeof(FloatConverter)])]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(DetailAnswer))]
[JsonSerializable(typeof(FailureAnswer))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(TagsAnswer))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(ProfileAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RefusedTokenAnswer))]
[JsonSerializable(typeof(WorkflowListAnswer))]
[JsonSerializable(typeof(WorkflowAnswer))]
[JsonSerializable(typeof(TaskEntryAnswer))]
[JsonSerializable(typeof(TaskListAnswer))]
[JsonSerializable(typeof(TaskSummariesAnswer))]
[JsonSerializable(typeof(WorkflowSummariesAnswer))]
[JsonSerializable(typeof(SubmitAnswer))]
[JsonSerializable(typeof(CancelAnswer))]
[JsonSerializable(typeof(BackendAnswer))]
[JsonSerializable(typeof(BackendsAnswer))]
internal sealed partial class GatewayJson : JsonSerializerContext;
