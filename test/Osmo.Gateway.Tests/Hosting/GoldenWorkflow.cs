using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Storage.State;
using Osmo.Workflows;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>Stores the rows of a workflow whose recorded answer is known, so that the gateway must give that answer.</summary>
internal static class GoldenWorkflow
{
    /// <param name="answer">A recorded answer of <c>GET /api/workflow/{name}</c>.</param>
    /// <param name="archived">Null: when it has ended.</param>
    public static async Task Store(TestGateway gateway, JsonNode answer, bool? archived = null)
    {
        var (uuid, id) = (Text(answer["uuid"])!, Text(answer["name"])!);
        var dash = id.LastIndexOf('-');
        var head = new WorkflowHead
        {
            WorkflowUuid = uuid,
            WorkflowId = id,
            Name = id[..dash],
            Number = int.Parse(id[(dash + 1)..]),
            User = Text(answer["submitted_by"])!,
            Pool = Text(answer["pool"])!,
            Backend = Text(answer["backend"]),
            Priority = Parse<WorkflowPriority>(answer["priority"]),
            Labels = answer["labels"]!.AsObject().ToImmutableSortedDictionary(label => label.Key, label => Text(label.Value)!),
            ExecTimeout = (double?)answer["exec_timeout"],
            QueueTimeout = (double?)answer["queue_timeout"],
            Status = Parse<WorkflowStatus>(answer["status"]),
            SubmitTime = Time(answer["submit_time"])!.Value,
            StartTime = Time(answer["start_time"]),
            EndTime = Time(answer["end_time"]),
            CancelledBy = Text(answer["cancelled_by"]),
            Archived = archived ?? answer["end_time"] is not null,
        };
        await gateway.Put(new RowKey(RowKind.Workflow, uuid), head, DocumentJson.Default.WorkflowHead);
        await StoreGroups(gateway, head, answer["groups"]!.AsArray());
    }

    private static async Task StoreGroups(TestGateway gateway, WorkflowHead head, JsonArray groups)
    {
        var plan = new WorkflowPlan
        {
            WorkflowUuid = head.WorkflowUuid,
            WorkflowId = head.WorkflowId,
            User = head.User,
            Pool = head.Pool,
            Backend = head.Backend!,
            Priority = head.Priority,
            ExecTimeout = TimeSpan.FromSeconds(head.ExecTimeout!.Value),
            QueueTimeout = TimeSpan.FromSeconds(head.QueueTimeout!.Value),
            StartTimeout = TimeSpan.FromMinutes(30),
            MaxRetriesPerTask = 0,
            Groups = [.. groups.Select(group => new GroupPlan
            {
                Name = Text(group!["name"])!,
                Uuid = new string('0', 32),
                Downstream = [.. group["downstream_groups"]!.AsArray().Select(name => Text(name)!)],
                Tasks = [.. group["tasks"]!.AsArray().Select(
                    task => new TaskPlan { Name = Text(task!["name"])!, Uuid = Text(task["task_uuid"])! })],
            })],
        };
        await gateway.Put(new RowKey(RowKind.Plan, head.WorkflowUuid), plan, DocumentJson.Default.WorkflowPlan);
        foreach (var group in groups)
        {
            var state = new GroupState
            {
                Name = Text(group!["name"])!,
                Status = Parse<TaskGroupStatus>(group["status"]),
                StartTime = Time(group["start_time"]),
                EndTime = Time(group["end_time"]),
                ProcessingStartTime = Time(group["processing_start_time"]),
                SchedulingStartTime = Time(group["scheduling_start_time"]),
                InitializingStartTime = Time(group["initializing_start_time"]),
                FailureMessage = Text(group["failure_message"]),
                RemainingUpstream = [.. group["remaining_upstream_groups"]!.AsArray().Select(name => Text(name)!)],
            };
            await gateway.Put(new RowKey(RowKind.Group, head.WorkflowUuid, state.Name), state, DocumentJson.Default.GroupState);
            foreach (var task in group["tasks"]!.AsArray())
            {
                await StoreTask(gateway, head, state.Name, task!);
            }
        }
    }

    private static Task StoreTask(TestGateway gateway, WorkflowHead head, string group, JsonNode task)
    {
        var document = new TaskDocument
        {
            WorkflowUuid = head.WorkflowUuid,
            WorkflowId = head.WorkflowId,
            User = head.User,
            Pool = head.Pool,
            Priority = head.Priority,
            SubmitTime = head.SubmitTime,
            Uuid = Text(task["task_uuid"])!,
            Lead = (bool)task["lead"]!,
            Storage = 1,
            Cpu = 1,
            Memory = 1,
            Group = group,
            Name = Text(task["name"])!,
            RetryId = (int)task["retry_id"]!,
            Status = Parse<TaskGroupStatus>(task["status"]),
            SchedulingStartTime = Time(task["scheduling_start_time"]),
            InitializingStartTime = Time(task["initializing_start_time"]),
            StartTime = Time(task["start_time"]),
            EndTime = Time(task["end_time"]),
            ExitCode = (int?)task["exit_code"],
            FailureMessage = Text(task["failure_message"]),
            NodeName = Text(task["node_name"]),
            PodIp = Text(task["pod_ip"]),
        };
        var id = TaskDocument.RowId(document.Name, document.RetryId);
        return gateway.Put(new RowKey(RowKind.Task, head.WorkflowUuid, id), document, DocumentJson.Default.TaskDocument);
    }

    private static string? Text(JsonNode? node) => (string?)node;

    private static DateTime? Time(JsonNode? node) => node is null ? null : DateTime.Parse(
        (string)node!, null, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal);

    private static T Parse<T>(JsonNode? node) where T : struct, Enum =>
        WireEnum<T>.TryParse((string?)node, out var value) ? value : throw new ArgumentException($"{node} is no {typeof(T).Name}.");
}
