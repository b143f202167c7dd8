using System.Diagnostics;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Cluster;

namespace Osmo.Bench.Cluster;

/// <summary>The raw limit: a loop that reads the watch and does nothing with it.</summary>
internal static class EmptyWatch
{
    private const int BufferBytes = 64 << 10;

    /// <returns>Changes per second, as fast as they can be made and read.</returns>
    public static async Task<double> Measure(FakeKubernetes server, FakeCluster nodes, IReadOnlyList<BenchedPod> pods, int changes)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(
            new Uri(server.Url, $"/api/v1/pods?watch=true&resourceVersion={server.Storage.Version}"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var reading = Count(body, changes);
        var watch = Stopwatch.StartNew();
        await Task.Run(() =>
        {
            for (var n = 0; n < changes; n++) nodes.Change(pods[n % pods.Count].Name, pod => pod["status"]!["message"] = $"change {n}");
        });
        await reading;
        return changes / watch.Elapsed.TotalSeconds;
    }

    private static async Task Count(Stream body, int lines)
    {
        var buffer = new byte[BufferBytes];
        while (lines > 0) lines -= buffer.AsSpan(0, await body.ReadAsync(buffer)).Count((byte)'\n');
    }
}
