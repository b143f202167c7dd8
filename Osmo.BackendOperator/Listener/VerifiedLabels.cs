using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// Keeps a label of each node equal to its availability (contract: backend-protocol §8.2): one request at a time, beside the reports, which never wait for it.
/// </summary>
/// <param name="label">Key of the label.</param>
internal sealed partial class VerifiedLabels(ICluster cluster, string label, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly AsyncPulse _news = new();

    /// <summary>What nodes shall be labelled with; none but those that there are.</summary>
    private readonly Dictionary<string, string> _wanted = [];

    /// <summary>Takes a node as it is now. One that cannot be labelled is tried again when it is observed again.</summary>
    public void Observe(Node node, bool isAvailable)
    {
        var value = isAvailable ? "True" : "False";
        lock (_lock)
        {
            if (node.Metadata.Labels.GetValueOrDefault(label) == value)
            {
                _wanted.Remove(node.Metadata.Name);
                return;
            }

            _wanted[node.Metadata.Name] = value;
        }

        _news.Set();
    }

    public void Forget(string node)
    {
        lock (_lock)
        {
            _wanted.Remove(node);
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            while (Next() is var (node, value))
            {
                var labels = new Dictionary<string, string> { [label] = value };
                if (await cluster.PatchNodeLabelsAsync(node, labels, cancellation) is { } error)
                {
                    LogFailed(logger, node, error.Message);
                }
            }

            await _news.WaitAsync(Timeout.InfiniteTimeSpan, time, cancellation);
        }
    }

    private (string Node, string Value)? Next()
    {
        lock (_lock)
        {
            foreach (var (node, value) in _wanted)
            {
                _wanted.Remove(node);
                return (node, value);
            }

            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Node {Node} cannot be labelled: {Error}")]
    private static partial void LogFailed(ILogger logger, string node, string error);
}
