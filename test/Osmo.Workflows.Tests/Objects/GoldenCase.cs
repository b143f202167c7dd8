using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Objects;

/// <summary>One folder under <c>Golden</c>: <c>case.json</c> in, <c>objects.json</c> out.</summary>
internal sealed record GoldenCase
{
    private static readonly JsonSerializerOptions Input = new(JsonSerializerDefaults.Web) { Converters = { new OptionalTime() } };

    private static readonly JsonSerializerOptions Output =
        new() { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required WorkflowPlan Plan { get; init; }

    public required WorkflowSpec Spec { get; init; }

    public required string Group { get; init; }

    /// <summary>Set when the objects are those of one more attempt of this task.</summary>
    public string? RescheduledTask { get; init; }

    public int RetryId { get; init; }

    /// <summary>Without it, tasks log in by name.</summary>
    public string? IdToken { get; init; }

    public ImmutableArray<KeyValuePair<string, string>> Labels { get; init; } = [];

    public UserCredentials Credentials { get; init; } = new();

    /// <summary>Laid over the defaults, document by document.</summary>
    public JsonObject Configuration { get; init; } = [];

    public static IEnumerable<string> Names =>
        Directory.EnumerateDirectories(Folder()).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    public static GoldenCase Read(string name) =>
        JsonSerializer.Deserialize<GoldenCase>(File.ReadAllText(Path.Combine(Folder(), name, "case.json")), Input)!;

    public static string ExpectedPath(string name) => Path.Combine(Folder(), name, "objects.json");

    /// <summary>Readable: what is base64 in a Secret is shown decoded under <c>decoded</c>.</summary>
    public static string Show(IEnumerable<JsonObject> objects)
    {
        var shown = new JsonArray();
        foreach (var item in objects.Select(item => item.DeepClone().AsObject()))
        {
            if ($"{item["kind"]}" == "Secret" && item["data"] is JsonObject data)
            {
                item["decoded"] =
                    new JsonObject(data.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Decoded(pair.Value!.GetValue<string>()))));
                item.Remove("data");
            }

            shown.Add(item);
        }

        return shown.ToJsonString(Output) + "\n";
    }

    public GroupRequest Request() => new()
    {
        Plan = Plan,
        GroupName = Group,
        Spec = Spec,
        Labels = Labels,
        Configuration = ConfigurationModel.Build(Snapshot()),
        Namespace = "osmo-pods",
        Attempts = Plan.Groups.Single(group => group.Name == Group).Tasks.ToImmutableDictionary(
            task => task.Name,
            task => new AttemptFacts(task.Name == RescheduledTask ? RetryId : 0, new Secret($"refresh-of-{task.Name}"), IdToken is { } token ? new Secret(token) : null)),
        Credentials = Credentials,
        Renderer = new TemplateEngine(),
    };

    private ConfigurationSnapshot Snapshot()
    {
        var document = JsonSerializer.SerializeToNode(ConfigurationSnapshot.Default, ConfigurationJson.Storage)!.AsObject();
        document["service"]!["service_base_url"] = "https://osmo.example.com";
        document["workflow"]!["backend_images"]!["init"] = "example/init:1";
        document["workflow"]!["backend_images"]!["client"] = "example/client:1";
        document["workflow"]!["workflow_data"]!["credential"] = new JsonObject
        {
            ["endpoint"] =
                "s3://osmo/workflows/", ["region"] = "us-east-1", ["access_key_id"] = "service-id", ["access_key"] = "service-key",
        };
        TemplateMerge.Into(document, Configuration);
        return document.Deserialize<ConfigurationSnapshot>(ConfigurationJson.Storage)!;
    }

    private static string Decoded(string base64) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "Golden");

    /// <summary>Timeouts as texts such as <c>01:00:00</c>, and 0 where a case does not care.</summary>
    private sealed class OptionalTime : System.Text.Json.Serialization.JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? TimeSpan.FromSeconds(reader.GetDouble()) : TimeSpan.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.TotalSeconds);
    }
}
