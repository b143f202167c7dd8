using System.Text;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Pod conditions and cluster events go to the workflow's event log (contract: backend-protocol §9.4, §9.5). One per connection.
/// </summary>
internal sealed class PodEvents(IGrainFactory grains, TaskNames names, OperatorLog log)
{
    public async Task Append(string backend, IReadOnlyList<BackendMessage> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            await (message switch
            {
                BackendMessage.PodConditions conditions => Append(backend, conditions, cancellation),
                BackendMessage.PodEvent happened => Append(happened, cancellation),
                _ => throw new ArgumentException($"{message.GetType().Name} is no event.", nameof(messages)),
            });
        }
    }

    private async Task Append(string backend, BackendMessage.PodConditions conditions, CancellationToken cancellation)
    {
        names.SawAttempt(conditions.WorkflowUuid, conditions.TaskUuid, conditions.RetryId);
        if (await names.OfTask(conditions.WorkflowUuid, conditions.TaskUuid, cancellation) is not { } task)
        {
            log.UnknownTask(backend, conditions.WorkflowUuid, conditions.TaskUuid);
            return;
        }

        // Operators send all conditions of a pod whenever one changes; the log knows which it has.
        if (EventLines.Of(conditions, task).ToList() is { Count: > 0 } lines)
        {
            await Append(conditions.WorkflowUuid, task, conditions.RetryId, lines, cancellation);
        }
    }

    private async Task Append(BackendMessage.PodEvent happened, CancellationToken cancellation)
    {
        if (await names.OfPod(happened.PodName, cancellation) is { } pod)
        {
            await Append(pod.WorkflowUuid, pod.Task, pod.RetryId, [EventLines.Of(happened, pod.Task, pod.RetryId)], cancellation);
        }
    }

    private Task<long> Append(string workflowUuid, string task, int retryId, List<string> lines, CancellationToken cancellation)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        var append = new LogAppend(LogStream.Events, task, retryId, null, lines.Count, text);
        return Transient.Retry(() => grains.GetGrain<IWorkflowLogGrain>(workflowUuid).Append(append), cancellation);
    }
}
