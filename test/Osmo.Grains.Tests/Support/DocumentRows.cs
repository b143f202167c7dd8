using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Tests.Support;

/// <summary>Reads and writes rows as everybody else does.</summary>
internal static class DocumentRows
{
    public static T Parse<T>(Row row) => JsonSerializer.Deserialize(row.Document.Span, TypeInfo<T>())!;

    public static ReadOnlyMemory<byte> Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, TypeInfo<T>());

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)DocumentJson.Default.GetTypeInfo(typeof(T))!;
}
