using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.BackendOperator.Cluster;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>Reads the body of a watch: one JSON object per line.</summary>
internal static class WatchReader
{
    /// <summary>Above what an API server stores of one object.</summary>
    internal const int LineBytesMax = 8 << 20;

    /// <summary>
    /// A watch of which nothing was heard for so long is given up, as its connection may be dead: real servers send a bookmark about once a minute.
    /// </summary>
    internal static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(90);

    private const int BufferBytes = 64 << 10;

    private static readonly StreamPipeReaderOptions Buffers = new(bufferSize: BufferBytes, minimumReadSize: BufferBytes / 4);

    /// <summary>Ends with the body, after a <see cref="WatchEvent.Failed"/>, or when it is silent for too long.</summary>
    public static async IAsyncEnumerable<WatchEvent> ReadAsync(
        Stream body, string what, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(body, Buffers);
        try
        {
            await foreach (var change in ReadAsync(reader, what, time, cancellation))
            {
                yield return change;
                if (change is WatchEvent.Failed)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async IAsyncEnumerable<WatchEvent> ReadAsync(
        PipeReader reader, string what, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        while (true)
        {
            // Only while it is listened to: whoever reads slowly makes nobody silent.
            silence.CancelAfter(SilenceMax);
            var (block, broken) = await ReadBlockAsync(reader, what, either.Token, cancellation);
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            if (broken is not null)
            {
                yield return broken;
            }

            if (block is not { } result)
            {
                yield break;
            }

            var buffer = result.Buffer;
            while (TryTakeLine(ref buffer, out var line))
            {
                if (Parse(line, what) is { } change)
                {
                    yield return change;
                }
            }

            if (buffer.Length > LineBytesMax)
            {
                yield return Failed(ApiFailure.Invalid, $"{what}: an object of more than {LineBytesMax} bytes came.");
                yield break;
            }

            // Half a line at the end is what a broken connection leaves: the next watch brings it whole.
            if (result.IsCompleted)
            {
                yield break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <returns>Nothing when the patience has ended.</returns>
    private static async ValueTask<(ReadResult? Block, WatchEvent.Failed? Broken)> ReadBlockAsync(
        PipeReader reader, string what, CancellationToken patience, CancellationToken cancellation)
    {
        try
        {
            return (await reader.ReadAsync(patience), null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (null, new WatchEvent.Failed(ApiClient.Broken(what, e)));
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent? Parse(ReadOnlySequence<byte> line, string what)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            var read = JsonSerializer.Deserialize(ref reader, WatchJson.Default.WatchLine)!;
            return read.Type switch
            {
                "ADDED" => new WatchEvent.Changed(ChangeType.Added, KubernetesObject.From(read.Object)),
                "MODIFIED" => new WatchEvent.Changed(ChangeType.Modified, KubernetesObject.From(read.Object)),
                "DELETED" => new WatchEvent.Changed(ChangeType.Deleted, KubernetesObject.From(read.Object)),
                "BOOKMARK" => new WatchEvent.Bookmark(read.Object.GetProperty("metadata").GetProperty("resourceVersion").GetString()!),
                "ERROR" => new WatchEvent.Failed(read.Object.Deserialize(StatusJson.Default.ApiStatus)!.ToError(what)),
                _ => null, // Kubernetes may invent more.
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return Failed(ApiFailure.Invalid, $"{what}: a line cannot be read: {e.Message}");
        }
    }

    private static WatchEvent.Failed Failed(ApiFailure failure, string message) => new(new ApiError(failure, message));
}

internal sealed record WatchLine(string Type, JsonElement Object);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WatchLine))]
internal sealed partial class WatchJson : JsonSerializerContext;
