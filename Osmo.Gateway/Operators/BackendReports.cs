using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>What a listener's messages do (contract: backend-protocol §5, §8.5, §9.4). Everything here may be done twice.</summary>
internal sealed class BackendReports(IGrainFactory grains, PodEvents events, NodeReports nodes)
{
    private const string NodeLane = "nodes";
    private const string HeartbeatLane = "heartbeat";

    /// <summary>Both uuids' digits in a pod's name.</summary>
    private const int PodNameUuidDigits = 16;

    /// <summary>
    /// Messages of one lane take effect in order; null when the message means nothing here. Events know their workflow only by the pod's
    /// name.
    /// </summary>
    public static string? LaneOf(BackendMessage message) => message switch
    {
        BackendMessage.UpdatePod pod => WorkflowLane(pod.WorkflowUuid),
        BackendMessage.MonitorPod pod => WorkflowLane(pod.WorkflowUuid),
        BackendMessage.PodConditions pod => WorkflowLane(pod.WorkflowUuid),
        BackendMessage.PodEvent pod => WorkflowLane(pod.PodName),
        BackendMessage.Resource or BackendMessage.ResourceUsage or BackendMessage.DeleteResource or BackendMessage.NodeHash => NodeLane,
        BackendMessage.Heartbeat => HeartbeatLane,
        _ => null,
    };

    /// <summary>The body of a message that was found to be sound.</summary>
    public static string BodyOf(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        return document.RootElement.GetProperty("body").GetRawText();
    }

    /// <summary>Applies messages of one lane in order; durable when it returns.</summary>
    public async Task Apply(string backend, IReadOnlyList<ListenerMessage> batch, CancellationToken cancellation)
    {
        for (var start = 0; start < batch.Count;)
        {
            var kind = KindOf(batch[start].Message);
            var end = start + 1;
            while (end < batch.Count && KindOf(batch[end].Message) == kind)
            {
                end++;
            }

            var run = batch.Skip(start).Take(end - start).ToList();
            await (kind switch
            {
                Kind.Pods => Pods(backend, run, cancellation),
                Kind.Events => events.Append(backend, [.. run.Select(message => message.Message)], cancellation),
                Kind.Nodes => nodes.Apply(backend, run, cancellation),
                _ => Transient.Retry(grains.GetGrain<IBackendGrain>(backend).Heartbeat, cancellation),
            });
            start = end;
        }
    }

    /// <summary>By workflow: names of pods shorten its uuid, so in theory two may share a lane.</summary>
    private async Task Pods(string backend, List<ListenerMessage> run, CancellationToken cancellation)
    {
        foreach (var workflow in run.GroupBy(message => WorkflowOf(message.Message)))
        {
            ImmutableArray<PodReport> reports = [.. workflow.Select(message => Report(message.Message))];
            using var span = WorkflowTrace.Start(workflow.Key, "pod reports")?.SetTag("osmo.reports", reports.Length);
            await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(workflow.Key).ReportPods(backend, reports), cancellation);
        }
    }

    private static string WorkflowOf(BackendMessage message) => message switch
    {
        BackendMessage.UpdatePod pod => pod.WorkflowUuid,
        BackendMessage.MonitorPod pod => pod.WorkflowUuid,
        _ => throw new ArgumentException($"{message.GetType().Name} is no pod report.", nameof(message)),
    };

    private static PodReport Report(BackendMessage message) => message switch
    {
        BackendMessage.UpdatePod pod => new PodReport.StatusChanged(
            pod.TaskUuid,
            pod.RetryId,
            pod.Message,
            JsonNamingPolicy.SnakeCaseUpper.ConvertName(pod.Status.ToString()),
            pod.ExitCode,
            pod.Node,
            pod.PodIp),
        BackendMessage.MonitorPod pod => new PodReport.Starting(pod.TaskUuid, pod.RetryId, pod.Message),
        _ => throw new ArgumentException($"{message.GetType().Name} is no pod report.", nameof(message)),
    };

    private static Kind KindOf(BackendMessage message) => message switch
    {
        BackendMessage.UpdatePod or BackendMessage.MonitorPod => Kind.Pods,
        BackendMessage.PodConditions or BackendMessage.PodEvent => Kind.Events,
        BackendMessage.Heartbeat => Kind.Heartbeat,
        _ => Kind.Nodes,
    };

    private static string WorkflowLane(string uuidOrPodName) =>
        uuidOrPodName.Length > PodNameUuidDigits ? uuidOrPodName[..PodNameUuidDigits] : uuidOrPodName;

    private enum Kind
    {
        Pods = 1,
        Events,
        Nodes,
        Heartbeat,
    }
}
