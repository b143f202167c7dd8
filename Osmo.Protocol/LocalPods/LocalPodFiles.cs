using System.Buffers;
using System.Text.Json;

namespace Osmo.Protocol.LocalPods;

/// <summary>Reads and atomically replaces the files of a local pod.</summary>
/// <remarks>
/// Written by hand on the JSON reader and writer: every pod's process starts with these files, and building a serializer's metadata would
/// cost it tens of milliseconds, a third of its start.
/// </remarks>
internal static class LocalPodFiles
{
    public static T Load<T>(string path, Func<JsonObject, T> read)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return read(new JsonObject(document.RootElement, ""));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"File '{path}' is not a {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    /// <summary>Readers see the old file or the new one, never a part. One writer per path.</summary>
    public static void Save(string path, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            RandomAccess.Write(file, buffer.WrittenSpan, 0);
        File.Move(temporary, path, overwrite: true);
    }
}
