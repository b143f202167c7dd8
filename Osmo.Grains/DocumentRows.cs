using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains;

/// <summary>Documents in and out of rows.</summary>
internal static class DocumentRows
{
    public static ReadOnlyMemory<byte> Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, TypeInfo<T>());

    public static T Parse<T>(Row row) => StoredDocument.Parse(row, TypeInfo<T>());

    private static JsonTypeInfo<T> TypeInfo<T>() =>
        (JsonTypeInfo<T>?)DocumentJson.Default.GetTypeInfo(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not a row document.");
}
