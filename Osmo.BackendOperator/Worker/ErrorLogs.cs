using System.Text;
using System.Text.Json;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Sends the logs of pods with a failed container, before these are deleted (contract: backend-protocol §10.5).</summary>
internal sealed class ErrorLogs(ICluster cluster, string workflowNamespace)
{
    /// <summary>Characters of one message; whole lines where they fit, so that a secret is seldom cut and can be masked.</summary>
    internal const int ChunkCharactersMax = 64 << 10;

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

        foreach (var item in items)
        {
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
            switch (await cluster.ReadLogAsync(reference, container.Name, linesMax, cancellation))
            {
                case ApiResult<Stream>.Ok { Value: var stream }:
                    using (var reader = new StreamReader(stream, Encoding.UTF8))
                    {
                        await foreach (var chunk in ChunksAsync(reader, cancellation))
                        {
                            await SendAsync(chunk, mask: true);
                        }
                    }

                    break;
                case ApiResult<Stream>.Failed { Error: var error }:
                    await SendAsync($"The log cannot be read: {error.Message}", mask: false);
                    break;
            }

            await SendAsync(Delimiter, mask: false);
        }
    }

    private static async IAsyncEnumerable<string> ChunksAsync(
        StreamReader reader,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var chunk = new StringBuilder();
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (chunk.Length > 0 && chunk.Length + 1 + line.Length > ChunkCharactersMax)
            {
                yield return chunk.ToString();
                chunk.Clear();
            }

            chunk.Append(chunk.Length > 0 ? "\n" : "").Append(line);
            while (chunk.Length > ChunkCharactersMax)
            {
                yield return chunk.ToString(0, ChunkCharactersMax);
                chunk.Remove(0, ChunkCharactersMax);
            }
        }

        if (chunk.Length > 0)
        {
            yield return chunk.ToString();
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
