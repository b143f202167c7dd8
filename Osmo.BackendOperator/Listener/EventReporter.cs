using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>Passes on Kubernetes events about pods (contract: backend-protocol §9.5).</summary>
internal sealed partial class EventReporter(BackendOperatorOptions options, ListenerStream stream, TimeProvider time, ILogger logger)
{
    private readonly RecentReports<(string? Type, string Reason, string Pod, string Message)> _sent = new(options.ReportCacheTtl * 4, time);

    public async Task RunAsync(Informer events, CancellationToken cancellation)
    {
        await foreach (var observation in events.ObserveAsync(cancellation))
        {
            var items = observation switch
            {
                Observation.Listed listed => listed.Items.OrderBy(item => TimeOf(item.AsEvent())),
                Observation.Changed { Type: not ChangeType.Deleted, Object: var changed } => [changed],
                _ => Enumerable.Empty<KubernetesObject>(),
            };
            foreach (var item in items)
            {
                if (TryRead(item) is { } happened && PodOf(happened) is { } pod)
                {
                    await ReportAsync(happened, pod, cancellation);
                }
            }
        }
    }

    private Task ReportAsync(ClusterEvent happened, string pod, CancellationToken cancellation)
    {
        var timestamp = TimeOf(happened) ?? time.GetUtcNow();
        var (reason, message) = (happened.Reason ?? "", happened.Message ?? "");
        return _sent.IsNews((happened.Type, reason, pod, message), WireTime.Format(timestamp))
            ? stream.EnqueueAsync(new BackendMessage.PodEvent(pod, reason, message, timestamp), cancellation)
            : Task.CompletedTask;
    }

    private static DateTimeOffset? TimeOf(ClusterEvent happened) => happened.LastTimestamp ?? happened.EventTime ?? happened.FirstTimestamp;

    /// <returns>Null for an event about something else.</returns>
    private static string? PodOf(ClusterEvent happened) => happened switch
    {
        { InvolvedObject: { Kind: "Pod", Name: { } pod } } => pod,
        { InvolvedObject.Kind: "PodGroup", Reason: "Evict", Source.Component: "kai-scheduler", Message: { } message }
            when PreemptedPod().Match(message) is { Success: true } match => match.Groups["pod"].Value,
        _ => null,
    };

    private ClusterEvent? TryRead(KubernetesObject item)
    {
        try
        {
            return item.AsEvent();
        }
        catch (JsonException e)
        {
            LogUnreadable(logger, item.Metadata.Name, e.Message);
            return null;
        }
    }

    [GeneratedRegex(@"Pod [^/\s]+/(?<pod>\S+) was preempted", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex PreemptedPod();

    [LoggerMessage(1, LogLevel.Warning, "Event {Event} cannot be read and is left out: {Error}")]
    private static partial void LogUnreadable(ILogger logger, string @event, string error);
}
