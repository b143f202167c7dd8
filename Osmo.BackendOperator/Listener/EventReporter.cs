using System.Text.RegularExpressions;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>Passes on Kubernetes events about pods (contract: backend-protocol §9.5).</summary>
internal sealed class EventReporter(BackendOperatorOptions options, ListenerStream stream, TimeProvider time)
{
    /// <summary>Events come late, and clocks of components differ.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(5);

    /// <summary>It takes no longer than the message is long: a bound in time would be reached by a machine that stands still for a moment, too.</summary>
    private static readonly Regex PreemptedPod = new(@"Pod [^/\s]+/(?<pod>\S+) was preempted", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private readonly RecentReports<(string? Type, string Reason, string Pod, string Message)> _sent = new(options.ReportCacheTtl * 4, time);
    private DateTimeOffset? _newest;

    public async Task RunAsync(Informer<ClusterEvent> events, CancellationToken cancellation)
    {
        var listed = new List<ClusterEvent>();
        await foreach (var observation in events.ObserveAsync(cancellation))
        {
            switch (observation)
            {
                case Observation<ClusterEvent>.ListStarted:
                    listed.Clear();
                    break;
                case Observation<ClusterEvent>.Listed { Items: var items }:
                    // A list brings an hour's events again whenever a watch has lost its place.
                    listed.AddRange(items.Where(happened => PodOf(happened) is not null && !IsLongReported(happened)));
                    break;
                case Observation<ClusterEvent>.ListCompleted:
                    foreach (var happened in listed.OrderBy(TimeOf))
                    {
                        await ReportAsync(happened, cancellation);
                    }

                    listed.Clear();
                    break;
                case Observation<ClusterEvent>.Changed { Type: not ChangeType.Deleted, Item: var happened }:
                    await ReportAsync(happened, cancellation);
                    break;
            }
        }
    }

    private bool IsLongReported(ClusterEvent happened) => TimeOf(happened) < _newest - Lateness;

    private Task ReportAsync(ClusterEvent happened, CancellationToken cancellation)
    {
        if (PodOf(happened) is not { } pod)
        {
            return Task.CompletedTask;
        }

        var timestamp = TimeOf(happened) ?? time.GetUtcNow();
        // A component whose clock is ahead must not hide the others' events.
        var happenedAt = timestamp < time.GetUtcNow() ? timestamp : time.GetUtcNow();
        _newest = _newest > happenedAt ? _newest : happenedAt;
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
            when PreemptedPod.Match(message) is { Success: true } match => match.Groups["pod"].Value,
        _ => null,
    };
}
