using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Documents;

/// <summary>
/// The JSON of state rows: camelCase, nulls left out, times as UTC text with six digits so that the order of texts is the order of times.
/// The generated reader runs no property initialisers: a property added to a stored record later must mean its type's default value when a row lacks it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RowTimeConverter)])]
[JsonSerializable(typeof(WorkflowHead))]
[JsonSerializable(typeof(WorkflowPlan))]
[JsonSerializable(typeof(SpecDocument))]
[JsonSerializable(typeof(WorkflowSpec))]
[JsonSerializable(typeof(GroupState))]
[JsonSerializable(typeof(TaskDocument))]
[JsonSerializable(typeof(JobDocument))]
[JsonSerializable(typeof(LogChunk))]
[JsonSerializable(typeof(BackendDocument))]
[JsonSerializable(typeof(NodeDocument))]
public sealed partial class DocumentJson : JsonSerializerContext;

/// <summary>UTC <c>yyyy-MM-ddTHH:mm:ss.ffffff</c>.</summary>
public sealed class RowTimeConverter : JsonConverter<DateTime>
{
    public const string Format = "yyyy-MM-ddTHH:mm:ss.ffffff";

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.ParseExact(reader.GetString()!, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[26];
        value.ToUniversalTime().TryFormat(text, out _, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text);
    }
}
