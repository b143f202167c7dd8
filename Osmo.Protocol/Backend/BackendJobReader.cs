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
            return FaultsIn(job).FirstOrDefault() is { } fault ? new ReadJob.Invalid($"{type}: {fault}") : new ReadJob.Accepted(job);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair.
            return new ReadJob.Invalid($"{type}: {e.Message}");
        }
    }

    /// <summary>What the types do not rule out: null as an element, and a spec without kind.</summary>
    private static IEnumerable<string> FaultsIn(BackendJob job) => job switch
    {
        BackendJob.CreateGroup create => NullsIn("k8s_resources", create.Resources),
        BackendJob.CleanupGroup cleanup =>
            [.. FaultsIn("cleanup_specs", cleanup.CleanupSpecs), .. cleanup.ErrorLogSpec is { } logs ? FaultsIn("error_log_spec", logs) : []],
        BackendJob.RescheduleTask reschedule =>
            [.. FaultsIn(reschedule.CreateJob).Select(fault => $"create_job.{fault}"), .. FaultsIn(reschedule.CleanupJob).Select(fault => $"cleanup_job.{fault}")],
        BackendJob.LabelNode label => NullsIn("labels", label.Labels),
        BackendJob.SynchronizeQueues queues =>
            [
                .. FaultsIn("cleanup_specs", queues.CleanupSpecs), .. NullsIn("k8s_resources", queues.Resources),
                .. queues.ImmutableKinds is { IsDefault: false } kinds ? NullsIn("immutable_kinds", kinds) : [],
            ],
        _ => [],
    };

    private static IEnumerable<string> FaultsIn(string key, ImmutableArray<ObjectSpec> specs) =>
        [.. NullsIn(key, specs), .. specs.SelectMany((spec, i) => spec is null ? [] : FaultsIn($"{key}[{i}]", spec))];

    private static IEnumerable<string> FaultsIn(string key, ObjectSpec spec) => spec.Api is null
        ? [$"{key} needs generic_api or resource_type."]
        : NullsIn($"{key}.labels", spec.Labels);

    private static IEnumerable<string> NullsIn<T>(string key, ImmutableArray<T> elements)
        where T : class => elements.Select((element, i) => element is null ? $"{key}[{i}] is null." : null).OfType<string>();

    private static IEnumerable<string> NullsIn(string key, ImmutableDictionary<string, string> elements) =>
        elements.Where(element => element.Value is null).Select(element => $"{key}.{element.Key} is null.");
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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackendJob.CreateGroup))]
[JsonSerializable(typeof(BackendJob.CleanupGroup))]
[JsonSerializable(typeof(BackendJob.RescheduleTask))]
[JsonSerializable(typeof(BackendJob.LabelNode))]
[JsonSerializable(typeof(BackendJob.SynchronizeQueues))]
[JsonSerializable(typeof(BackendJob.SynchronizeBackendTest))]
[JsonSerializable(typeof(ImmutableArray<ObjectSpec>))]
internal sealed partial class JobJson : JsonSerializerContext;
