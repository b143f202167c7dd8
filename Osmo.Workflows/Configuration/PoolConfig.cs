using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>A pool as given (contract: config §3.4). Resolved it is a <see cref="PoolModel"/>.</summary>
public sealed record PoolConfig
{
    public string Description { get; init; } = "";

    /// <summary>Only <c>download</c>; null takes the workflow configuration's.</summary>
    public string? DownloadType { get; init; }

    public bool EnableMaintenance { get; init; }

    public required string Backend { get; init; }

    public string? DefaultPlatform { get; init; }

    /// <summary>Null (on the wire <c>""</c>) takes the workflow configuration's.</summary>
    [JsonConverter(typeof(InheritedDurationConverter))]
    public Duration? DefaultExecTimeout { get; init; }

    [JsonConverter(typeof(InheritedDurationConverter))]
    public Duration? DefaultQueueTimeout { get; init; }

    [JsonConverter(typeof(InheritedDurationConverter))]
    public Duration? MaxExecTimeout { get; init; }

    [JsonConverter(typeof(InheritedDurationConverter))]
    public Duration? MaxQueueTimeout { get; init; }

    /// <summary>Action to exit codes, e.g. <c>RESCHEDULE</c> to <c>1-3,137</c>; the first match in this order wins.</summary>
    [JsonConverter(typeof(OrderedTextsConverter))]
    public ImmutableArray<KeyValuePair<string, string>> DefaultExitActions { get; init; } = [];

    public PoolResources Resources { get; init; } = new();

    /// <summary>Coarsest first.</summary>
    public ImmutableArray<TopologyKey> TopologyKeys { get; init; } = [];

    public ImmutableSortedDictionary<string, JsonElement> CommonDefaultVariables { get; init; } =
        ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableArray<string> CommonResourceValidations { get; init; } = [];

    /// <summary>Names of pod templates; later ones win.</summary>
    public ImmutableArray<string> CommonPodTemplate { get; init; } = [];

    public ImmutableArray<string> CommonGroupTemplates { get; init; } = [];

    public ImmutableSortedDictionary<string, PlatformConfig> Platforms { get; init; } =
        ImmutableSortedDictionary<string, PlatformConfig>.Empty;
}

/// <summary>Null is unlimited.</summary>
public sealed record PoolResources
{
    public GpuQuota? Gpu { get; init; }
}

/// <summary>GPUs; -1 is unlimited.</summary>
public sealed record GpuQuota
{
    public int Guarantee { get; init; } = -1;

    public int Maximum { get; init; } = -1;

    public int Weight { get; init; } = 1;
}

/// <summary>A name for tasks to use, and the node label behind it.</summary>
public sealed record TopologyKey(string Key, string Label);

/// <summary>A kind of node within a pool, as given.</summary>
public sealed record PlatformConfig
{
    public string Description { get; init; } = "";

    public bool HostNetworkAllowed { get; init; }

    public bool PrivilegedAllowed { get; init; }

    /// <summary>Host paths that tasks may mount.</summary>
    public ImmutableArray<string> AllowedMounts { get; init; } = [];

    public ImmutableSortedDictionary<string, JsonElement> DefaultVariables { get; init; } =
        ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableArray<string> ResourceValidations { get; init; } = [];

    public ImmutableArray<string> OverridePodTemplate { get; init; } = [];
}

/// <summary><c>""</c> stands for "not set here".</summary>
public sealed class InheritedDurationConverter : JsonConverter<Duration?>
{
    public override bool HandleNull => true;

    public override Duration? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        if (text is "")
        {
            return null;
        }

        return Duration.TryParse(text, out var duration) ? duration : throw new JsonException(Duration.Complaint(text));
    }

    public override void Write(Utf8JsonWriter writer, Duration? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString() ?? "");
}

/// <summary>A map of texts whose order matters.</summary>
public sealed class OrderedTextsConverter : JsonConverter<ImmutableArray<KeyValuePair<string, string>>>
{
    public override ImmutableArray<KeyValuePair<string, string>> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"Expected a map of texts, got {reader.TokenType}.");
        }

        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var value = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new JsonException($"The value of '{key}' must be a text.");
            pairs.Add(new(key, value));
        }

        return pairs.DrainToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<KeyValuePair<string, string>> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, text) in value)
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
    }
}
