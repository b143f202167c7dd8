using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

/// <summary>
/// What the control plane sends to a worker: heartbeats as text, jobs as binary zlib (RFC 1950) of the JSON document
/// (contract: backend-protocol §7).
/// </summary>
public abstract record WorkerFrame
{
    private WorkerFrame()
    {
    }

    public sealed record Heartbeat : WorkerFrame;

    /// <param name="Document">See <see cref="BackendJob"/> for its typed form.</param>
    public sealed record Job(JsonObject Document) : WorkerFrame;

    /// <summary>A job whose frame is above <see cref="BackendLimits.FrameBytesMax"/>: it lies at a path of the control plane. Only for operators that ask for it.</summary>
    public sealed record Reference(string Path) : WorkerFrame;

    public sealed record Invalid(string Error) : WorkerFrame;

    /// <summary>Header of a worker's handshake by which it says that it fetches what does not fit into a frame; no operator but ours sends it.</summary>
    public const string AcceptsReferenceHeader = "x-osmo-accept-job-reference";

    /// <summary>
    /// Header of a worker's handshake with a name of its own and the number of this connection (<c>name/3</c>), by which it says that earlier ones are gone; no operator but ours sends it.
    /// </summary>
    public const string ConnectionHeader = "x-osmo-worker-connection";

    /// <summary>Header of a worker's handshake by which it says that it has another connection, and wants nothing but jobs of groups on this one; no operator but ours sends it.</summary>
    public const string AdditionalHeader = "x-osmo-worker-additional";

    /// <summary>
    /// Header of the answer to a worker's handshake: on how many connections it may take jobs, for the control plane hands out those of one group one after the other. No control plane but
    /// ours sends it; without it a second connection could delete what the first is about to create.
    /// </summary>
    public const string ParallelJobsHeader = "x-osmo-parallel-jobs";

    private const string ReferenceKey = "frame_path";

    /// <summary>A key that is there twice would be found only where the document is used.</summary>
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The text frame of a heartbeat.</summary>
    public static ReadOnlyMemory<byte> HeartbeatText { get; } = """{"type": "heartbeat"}"""u8.ToArray();

    /// <returns>The binary frame of a job; the receiver refuses one above <see cref="BackendLimits.FrameBytesMax"/>.</returns>
    public static ReadOnlyMemory<byte> EncodeJob(JsonObject document)
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new Utf8JsonWriter(zlib))
        {
            document.WriteTo(writer);
        }

        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }

    /// <summary>As <see cref="EncodeJob(JsonObject)"/>, for a document that is UTF-8 JSON already.</summary>
    public static ReadOnlyMemory<byte> EncodeJob(ReadOnlySpan<byte> document)
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(document);
        }

        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }

    /// <returns>The text frame that stands for a job too big for one.</returns>
    public static ReadOnlyMemory<byte> EncodeReference(string path) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject { [ReferenceKey] = path }, WorkerFrameJson.Default.JsonObject);

    /// <summary>Reads a frame; any object in a text frame that is no heartbeat is a job too. Never throws on bad input.</summary>
    public static WorkerFrame Decode(ReadOnlyMemory<byte> frame, bool isBinary)
    {
        try
        {
            var text = isBinary ? Inflate(frame) : frame;
            return JsonNode.Parse(text.Span, documentOptions: Strict) switch
            {
                JsonObject document when IsHeartbeat(document) => new Heartbeat(),
                JsonObject document when !isBinary && TextOf(document, ReferenceKey) is { } path => new Reference(path),
                JsonObject document => new Job(document),
                _ => new Invalid("A worker frame holds one JSON object."),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair.
            return new Invalid($"A worker frame holds one JSON object: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            return new Invalid($"A binary worker frame is zlib-compressed JSON of at most {BackendLimits.JobDocumentBytesMax} bytes: {e.Message}");
        }
    }

    private static bool IsHeartbeat(JsonObject document) => TextOf(document, "type") == "heartbeat";

    private static string? TextOf(JsonObject document, string key) =>
        document.TryGetPropertyValue(key, out var member) && member is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> frame)
    {
        using var zlib = new ZLibStream(new MemoryStream(frame.ToArray(), writable: false), CompressionMode.Decompress);
        var text = new MemoryStream();
        var block = new byte[64 << 10];
        for (int read; (read = zlib.Read(block)) > 0;)
        {
            if (text.Length + read > BackendLimits.JobDocumentBytesMax)
            {
                throw new InvalidDataException("it is larger.");
            }

            text.Write(block, 0, read);
        }

        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WorkerFrameJson : JsonSerializerContext;
