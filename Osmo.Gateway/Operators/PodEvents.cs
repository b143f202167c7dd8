using System.Collections.Immutable;
using System.Text;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Pod conditions and cluster events go to the workflow's event log (contract: backend-protocol §9.4, §9.5). One per connection.
/// </summary>
internal sealed class PodEvents(IGrainFactory grains, TaskNames names, ConnectionLog log)
{
    /// <summary>Those of one workflow are durable together.</summary>
    public async Task Append(string backend, IReadOnlyList<BackendMessage> messages, CancellationToken cancellation)
    {
        var events = new List<(string WorkflowUuid, LogAppend Lines)>(messages.Count);
        foreach (var message in messages)
        {
            var happened = message switch
            {
                BackendMessage.PodConditions conditions => await LinesOf(backend, conditions, cancellation),
                BackendMessage.PodEvent of => await LinesOf(of, cancellation),
                _ => throw new ArgumentException($"{message.GetType().Name} is no event.", nameof(messages)),
            };
            if (happened is { } lines)
            {
                events.Add(lines);
            }
        }

        foreach (var workflow in events.GroupBy(happened => happened.WorkflowUuid, happened => happened.Lines))
        {
            ImmutableArray<LogAppend> lines = [.. workflow];
            await Transient.Retry(() => grains.GetGrain<IWorkflowLogGrain>(workflow.Key).AppendEvents(lines), cancellation);
        }
    }

    private async ValueTask<(string, LogAppend)?> LinesOf(string backend, BackendMessage.PodConditions conditions, CancellationToken cancellation)
    {
        names.SawAttempt(conditions.WorkflowUuid, conditions.TaskUuid, conditions.RetryId);
        if (await names.OfTask(conditions.WorkflowUuid, conditions.TaskUuid, cancellation) is not { } task)
        {
            log.UnknownTask(conditions.WorkflowUuid, conditions.TaskUuid);
            return null;
        }

        // Operators send all conditions of a pod whenever one changes; the log knows which it has.
        return EventLines.Of(conditions, task).ToList() is { Count: > 0 } lines
            ? (conditions.WorkflowUuid, Lines(task, conditions.RetryId, lines))
            : null;
    }

    private async ValueTask<(string, LogAppend)?> LinesOf(BackendMessage.PodEvent happened, CancellationToken cancellation) =>
        await names.OfPod(happened.PodName, cancellation) is { } pod
            ? (pod.WorkflowUuid, Lines(pod.Task, pod.RetryId, [EventLines.Of(happened, pod.Task, pod.RetryId)]))
            : null;

    private static LogAppend Lines(string task, int retryId, List<string> lines) =>
        new(LogStream.Events, task, retryId, null, lines.Count, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
}
