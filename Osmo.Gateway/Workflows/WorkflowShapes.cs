using Osmo.Gateway.Conventions;
using Osmo.Workflows;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Gateway.Workflows;

/// <summary>Makes the answers about workflows and tasks from their documents.</summary>
internal sealed class WorkflowShapes(WorkflowLinks links, ConfigurationModel configuration, DateTime now)
{
    public WorkflowListEntry ListEntry(WorkflowHead head) => new(
        head.User,
        head.WorkflowId,
        head.WorkflowUuid,
        head.SubmitTime,
        head.StartTime,
        head.EndTime,
        QueuedTime(head),
        Duration(head.StartTime, head.EndTime),
        WireEnum<WorkflowStatus>.Name(head.Status),
        links.Overview(head.WorkflowId),
        links.Logs(head.WorkflowId),
        head.Status.IsFailed ? links.ErrorLogs(head.WorkflowId) : null,
        links.Grafana(head.Backend, head.WorkflowUuid, head.StartTime, head.EndTime),
        links.Dashboard(head.Backend, head.WorkflowUuid),
        head.Pool,
        head.AppOwner,
        head.AppName,
        head.AppVersion,
        WireEnum<WorkflowPriority>.Name(head.Priority),
        head.Labels);

    public WorkflowAnswer Workflow(WorkflowDocuments workflow, bool withGroups)
    {
        var head = workflow.Head;
        var url = links.Workflow(head.WorkflowId);
        var logs = $"{url}/logs?last_n_lines=1000";
        var dataUrl = configuration.Snapshot.Workflow.WorkflowData.BaseUrl;
        return new(
            head.WorkflowId,
            head.WorkflowUuid,
            head.User,
            head.CancelledBy,
            $"{url}/spec",
            $"{url}/spec?use_template=true",
            logs,
            $"{url}/events",
            links.Overview(head.WorkflowId),
            head.ParentName,
            head.ParentNumber,
            links.Dashboard(head.Backend, head.WorkflowUuid),
            links.Grafana(head.Backend, head.WorkflowUuid, head.StartTime, head.EndTime),
            [.. head.Tags],
            head.SubmitTime,
            head.StartTime,
            head.EndTime,
            head.ExecTimeout,
            head.QueueTimeout,
            Duration(head.StartTime, head.EndTime),
            QueuedTime(head),
            WireEnum<WorkflowStatus>.Name(head.Status),
            dataUrl.Length == 0 ? "" : $"{dataUrl.TrimEnd('/')}/{head.WorkflowId}",
            withGroups && workflow.Plan is { } plan ? [.. plan.Groups.Select(group => Group(workflow, group, logs))] : [],
            head.Pool,
            head.Backend,
            head.AppOwner,
            head.AppName,
            head.AppVersion,
            new WorkflowPlugins(configuration.Snapshot.Workflow.PluginsConfig.Rsync.Enabled),
            WireEnum<WorkflowPriority>.Name(head.Priority),
            head.Labels,
            [.. LabelPolicyCheck.Warnings([.. head.Labels], configuration.Snapshot.Workflow.LabelsConfig)]);
    }

    public TaskListEntry TaskListEntry(TaskDocument task)
    {
        var backend = configuration.FindPool(task.Pool)?.Backend;
        return new(
            task.User,
            task.WorkflowId,
            task.WorkflowUuid,
            task.Name,
            task.RetryId,
            task.Pool,
            task.NodeName,
            task.StartTime,
            task.EndTime,
            Duration(task.StartTime, task.EndTime),
            WireEnum<TaskGroupStatus>.Name(task.Status),
            links.Overview(task.WorkflowId),
            $"{links.Logs(task.WorkflowId)}?task_name={task.Name}",
            task.Status.IsFailed ? $"{links.ErrorLogs(task.WorkflowId)}?task_name={task.Name}" : null,
            links.Grafana(backend, task.WorkflowUuid, task.StartTime, task.EndTime),
            links.Dashboard(backend, task.WorkflowUuid, task.Uuid),
            task.Storage,
            task.Cpu,
            task.Memory,
            task.Gpu,
            WireEnum<WorkflowPriority>.Name(task.Priority));
    }

    public static TaskEntryAnswer TaskEntry(TaskDocument task) => new(
        task.WorkflowId,
        task.Name,
        task.NodeName,
        task.StartTime,
        task.EndTime,
        WireEnum<TaskGroupStatus>.Name(task.Status),
        task.Storage,
        task.Cpu,
        task.Memory,
        task.Gpu);

    private GroupAnswer Group(WorkflowDocuments workflow, GroupPlan plan, string logs)
    {
        var state = workflow.Groups[plan.Name];
        return new(
            plan.Name,
            WireEnum<TaskGroupStatus>.Name(state.Status),
            state.StartTime,
            state.EndTime,
            state.ProcessingStartTime,
            state.SchedulingStartTime,
            state.InitializingStartTime,
            [.. state.RemainingUpstream],
            [.. plan.Downstream],
            state.FailureMessage,
            [.. workflow.Tasks
                .Where(task => task.Group == plan.Name)
                .OrderBy(task => task.Name, StringComparer.Ordinal)
                .ThenByDescending(task => task.RetryId)
                .Select(task => Task(workflow.Head, state, task, logs))]);
    }

    private TaskAnswer Task(WorkflowHead head, GroupState group, TaskDocument task, string logs)
    {
        var url = links.Workflow(head.WorkflowId);
        var which = $"task_name={task.Name}&retry_id={task.RetryId}";
        return new(
            task.Name,
            task.RetryId,
            WireEnum<TaskGroupStatus>.Name(task.Status),
            task.FailureMessage,
            task.ExitCode,
            $"{logs}&{which}",
            task.Status.HasErrorLogs ? $"{url}/error_logs?{which}" : null,
            group.ProcessingStartTime,
            task.SchedulingStartTime,
            task.InitializingStartTime,
            $"{url}/events?{which}",
            task.StartTime,
            task.EndTime,
            task.InputDownloadStartTime,
            task.InputDownloadEndTime,
            task.OutputUploadStartTime,
            links.Dashboard(head.Backend, head.WorkflowUuid, task.Uuid),
            TaskDocument.PodName(head.WorkflowUuid, task.Uuid),
            task.PodIp,
            task.Uuid,
            task.NodeName,
            task.Lead);
    }

    private double QueuedTime(WorkflowHead head) => Timestamps.Seconds((head.StartTime ?? head.EndTime ?? now) - head.SubmitTime);

    private double? Duration(DateTime? start, DateTime? end) => start is { } from ? Timestamps.Seconds((end ?? now) - from) : null;
}
