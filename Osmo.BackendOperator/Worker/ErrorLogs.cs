using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Sends the logs of pods with a failed container, before these are deleted (contract: backend-protocol §10.5).</summary>
internal sealed class ErrorLogs(ICluster cluster, string workflowNamespace, TimeProvider time)
{
    /// <summary>Characters of one message; whole lines where they fit, so that a secret is seldom cut and can be masked.</summary>
    internal const int ChunkCharactersMax = 64 << 10;

    /// <summary>For the log of one container; nobody answers for a node that is gone.</summary>
    internal static readonly TimeSpan LogTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>For all logs of a job: other jobs wait for it, and so do the pods that are to be deleted.</summary>
    internal static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(5);

    private static readonly string Delimiter = new string('-', 80) + "\n";

    public async Task CollectAsync(ObjectSpec spec, int linesMax, JobOutput output, CancellationToken cancellation)
    {
        var listed = await cluster.ListAsync(ObjectKind.Pod, workflowNamespace, spec.Labels, cancellation);
        if (listed is not ApiResult<ObjectList>.Ok { Value.Items: var items })
        {
            var error = ((ApiResult<ObjectList>.Failed)listed).Error;
            await output(new BackendMessage.Logging(LoggingLevel.Warning, $"Error logs cannot be collected: {error.Message}"), cancellation);
            return;
        }

        var started = time.GetTimestamp();
        foreach (var item in items)
        {
            if (time.GetElapsedTime(started) >= TimeMax)
            {
                var late = $"Error logs are not complete: after {TimeMax.TotalMinutes} min there were more to read, from {item.Metadata.Name} on.";
                await output(new BackendMessage.Logging(LoggingLevel.Warning, late), cancellation);
                return;
            }

            if (TryRead(item) is { } pod && pod.Status.InitThenMain.Any(container => container.State.Terminated is { ExitCode: not 0 }))
            {
                await CollectAsync(item.Ref, pod, linesMax, output, cancellation);
            }
        }
    }

    private async Task CollectAsync(ObjectRef reference, Pod pod, int linesMax, JobOutput output, CancellationToken cancellation)
    {
        var labels = pod.Metadata.Labels;
        var task = labels.GetValueOrDefault("osmo.task_uuid", "");
        var retry = int.TryParse(labels.GetValueOrDefault("osmo.retry_id"), out var id) ? id : 0;
        Task SendAsync(string text, bool mask) => output(new BackendMessage.PodLog(text, task, retry, mask), cancellation);
        foreach (var container in pod.Spec.InitContainers.Concat(pod.Spec.Containers))
        {
            await SendAsync($"Logs for container {labels.GetValueOrDefault("osmo.task_name", "")}: {container.Name} ...", mask: false);
            await foreach (var part in ReadAsync(reference, container.Name, linesMax, cancellation))
            {
                await SendAsync(part.Text, part.IsLog);
            }

            await SendAsync(Delimiter, mask: false);
        }
    }

    /// <summary>A log in parts; what keeps it from being read to its end is the last part, and no failure of the job.</summary>
    private async IAsyncEnumerable<(string Text, bool IsLog)> ReadAsync(
        ObjectRef pod, string container, int linesMax, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(LogTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var (stream, trouble) = await TryAsync(() => OpenAsync(pod, container, linesMax, either.Token), cancellation);
        using var reader = new StreamReader(stream ?? Stream.Null, Encoding.UTF8);
        var chunk = new StringBuilder();
        while (trouble is null)
        {
            (var line, trouble) = await TryAsync(() => reader.ReadLineAsync(either.Token).AsTask(), cancellation);
            if (line is null)
            {
                break;
            }

            if (chunk.Length > 0 && chunk.Length + 1 + line.Length > ChunkCharactersMax)
            {
                yield return (chunk.ToString(), true);
                chunk.Clear();
            }

            chunk.Append(chunk.Length > 0 ? "\n" : "").Append(line);
            while (chunk.Length > ChunkCharactersMax)
            {
                yield return (chunk.ToString(0, ChunkCharactersMax), true);
                chunk.Remove(0, ChunkCharactersMax);
            }
        }

        if (chunk.Length > 0)
        {
            yield return (chunk.ToString(), true);
        }

        if (trouble is not null)
        {
            yield return ($"The log cannot be read: {trouble}", false);
        }
    }

    /// <exception cref="IOException">The log cannot be had.</exception>
    private async Task<Stream?> OpenAsync(ObjectRef pod, string container, int linesMax, CancellationToken cancellation) =>
        await cluster.ReadLogAsync(pod, container, linesMax, cancellation) switch
        {
            ApiResult<Stream>.Ok { Value: var stream } => stream,
            ApiResult<Stream>.Failed { Error: var error } => throw new IOException(error.Message),
            _ => throw new InvalidOperationException("A result is a value or an error."),
        };

    private static async Task<(T? Result, string? Trouble)> TryAsync<T>(Func<Task<T?>> read, CancellationToken cancellation)
    {
        try
        {
            return (await read(), null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (default, $"it did not come to its end within {LogTimeMax.TotalSeconds} s.");
        }
        catch (IOException e)
        {
            return (default, e.Message);
        }
    }

    private static Pod? TryRead(KubernetesObject item)
    {
        try
        {
            return item.AsPod();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
