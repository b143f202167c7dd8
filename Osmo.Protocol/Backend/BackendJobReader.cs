using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Osmo.Protocol.Backend;

/// <summary>What a job document turned out to be.</summary>
public abstract record ReadJob
{
    private ReadJob()
    {
    }

    public sealed record Accepted(BackendJob Job) : ReadJob;

    /// <summary>Neither now nor later executable; <paramref name="Error"/> names key and reason.</summary>
    public sealed record Invalid(string Error) : ReadJob;
}

/// <summary>Reads job documents (contract: backend-protocol §10.1).</summary>
public static class BackendJobReader
{
    private static readonly FrozenDictionary<string, JsonTypeInfo> JobByType = new Dictionary<string, JsonTypeInfo>
    {
        ["CreateGroup"] = JobJson.Default.CreateGroup,
        ["CleanupGroup"] = JobJson.Default.CleanupGroup,
        ["RescheduleTask"] = JobJson.Default.RescheduleTask,
        ["LabelNode"] = JobJson.Default.LabelNode,
        ["BackendSynchronizeQueues"] = JobJson.Default.SynchronizeQueues,
        ["BackendSynchronizeBackendTest"] = JobJson.Default.SynchronizeBackendTest,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Never throws on bad input.</summary>
    public static ReadJob Read(JsonObject document)
    {
        var given = document["job_type"];
        if (given is not JsonValue value || !value.TryGetValue<string>(out var type) || !JobByType.TryGetValue(type, out var info))
        {
            var allowed = string.Join(", ", JobByType.Keys.Order(StringComparer.Ordinal));
            return new ReadJob.Invalid($"job_type is {given?.ToJsonString() ?? "missing"}; allowed are {allowed}.");
        }

        try
        {
            var job = (BackendJob)document.Deserialize(info)!;
            return SpecsOf(job).Any(spec => spec.Api is null)
                ? new ReadJob.Invalid($"{type}: a spec needs generic_api or resource_type.")
                : new ReadJob.Accepted(job);
        }
        catch (JsonException e)
        {
            return new ReadJob.Invalid($"{type}: {e.Message}");
        }
    }

    private static IEnumerable<ObjectSpec> SpecsOf(BackendJob job) => job switch
    {
        BackendJob.CleanupGroup cleanup => cleanup.ErrorLogSpec is { } logs ? [.. cleanup.CleanupSpecs, logs] : cleanup.CleanupSpecs,
        BackendJob.RescheduleTask reschedule => SpecsOf(reschedule.CleanupJob),
        BackendJob.SynchronizeQueues queues => queues.CleanupSpecs,
        _ => [],
    };
}

/// <summary><c>cleanup_specs</c> of a queue synchronisation: a list, or a single spec.</summary>
internal sealed class OneOrManySpecs : JsonConverter<ImmutableArray<ObjectSpec>>
{
    public override ImmutableArray<ObjectSpec> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartArray
            ? JsonSerializer.Deserialize(ref reader, JobJson.Default.ImmutableArrayObjectSpec)
            : [JsonSerializer.Deserialize(ref reader, JobJson.Default.ObjectSpec) ?? throw new JsonException("A spec is an object.")];

    public override void Write(Utf8JsonWriter writer, ImmutableArray<ObjectSpec> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, JobJson.Default.ImmutableArrayObjectSpec);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackendJob.CreateGroup))]
[JsonSerializable(typeof(BackendJob.CleanupGroup))]
[JsonSerializable(typeof(BackendJob.RescheduleTask))]
[JsonSerializable(typeof(BackendJob.LabelNode))]
[JsonSerializable(typeof(BackendJob.SynchronizeQueues))]
[JsonSerializable(typeof(BackendJob.SynchronizeBackendTest))]
[JsonSerializable(typeof(ImmutableArray<ObjectSpec>))]
internal sealed partial class JobJson : JsonSerializerContext;
