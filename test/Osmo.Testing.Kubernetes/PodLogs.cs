using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.Testing.Kubernetes;

/// <summary>What containers wrote.</summary>
public sealed class PodLogs(ApiStorage storage)
{
    private readonly ConcurrentDictionary<(string Uid, string Container), byte[]> _text = [];

    public void Write(string @namespace, string pod, string container, string text) => Write(@namespace, pod, container, Encoding.UTF8.GetBytes(text));

    public void Write(string @namespace, string pod, string container, byte[] text) =>
        _text[(storage.Find(new ObjectKey(Resource.Pods, @namespace, pod))!.Uid, container)] = text;

    /// <exception cref="ApiException">There is no such pod or container, or it has not started.</exception>
    internal ReadOnlyMemory<byte> Read(ObjectKey pod, string? container, int? tailLines)
    {
        var found = storage.Find(pod) ?? throw ApiException.NotFound(pod);
        var document = found.ToJson();
        var names = Containers(document, "spec", "initContainers").Concat(Containers(document, "spec", "containers"));
        if (names.All(name => name != container))
        {
            throw ApiException.BadRequest($"container {container} is not valid for pod {pod.Name}");
        }

        if (_text.TryGetValue((found.Uid, container!), out var text))
        {
            return Tail(text, tailLines);
        }

        var started = Containers(document, "status", "initContainerStatuses").Concat(Containers(document, "status", "containerStatuses"));
        return started.Contains(container)
            ? default(ReadOnlyMemory<byte>)
            : throw ApiException.BadRequest($"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: PodInitializing");
    }

    private static IEnumerable<string?> Containers(JsonObject document, string part, string list) =>
        (document[part]?[list] as JsonArray ?? []).Select(item => (string?)item?["name"]);

    private static ReadOnlyMemory<byte> Tail(byte[] text, int? lines)
    {
        var start = text.Length > 0 && text[^1] == '\n' ? text.Length - 1 : text.Length;
        for (var left = lines ?? int.MaxValue; left > 0 && start > 0; left--)
        {
            start = text.AsSpan(0, start).LastIndexOf((byte)'\n');
        }

        return text.AsMemory(Math.Max(0, start + (start > 0 ? 1 : 0)));
    }
}
