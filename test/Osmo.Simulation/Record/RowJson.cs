using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Osmo.Workflows.Documents;

namespace Osmo.Simulation.Record;

/// <summary>Reads and writes rows as everybody else does.</summary>
internal static class RowJson
{
    public static T Parse<T>(ReadOnlyMemory<byte> document) => JsonSerializer.Deserialize(document.Span, TypeInfo<T>())!;

    public static ReadOnlyMemory<byte> Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, TypeInfo<T>());

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)DocumentJson.Default.GetTypeInfo(typeof(T))!;
}
