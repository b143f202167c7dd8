using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Osmo.Protocol.LocalPods;

/// <summary>Reads and atomically replaces the files of a local pod.</summary>
internal static class LocalPodFiles
{
    public static T Load<T>(string path, JsonTypeInfo<T> type)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new InvalidDataException($"File '{path}' holds null.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"File '{path}' is not a {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    /// <summary>Readers see the old file or the new one, never a part. One writer per path.</summary>
    public static void Save<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(value, type));
        File.Move(temporary, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PodManifest))]
[JsonSerializable(typeof(PodStatusFile))]
internal sealed partial class LocalPodJson : JsonSerializerContext;
