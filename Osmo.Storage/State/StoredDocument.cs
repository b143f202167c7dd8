using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Osmo.Storage.State;

/// <summary>Documents out of rows.</summary>
public static class StoredDocument
{
    /// <exception cref="SerializationException">
    /// It is of another shape, as what a newer version has written may be for an older one; names the row and the place. A type that every process knows.
    /// </exception>
    public static T Parse<T>(Row row, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(row.Document.Span, type) ?? throw new JsonException("It is null.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new SerializationException($"The {row.Key.Kind} row '{row.Key.Partition}/{row.Key.Id}' is no {typeof(T).Name} of this version: {error.Message}");
        }
    }
}
