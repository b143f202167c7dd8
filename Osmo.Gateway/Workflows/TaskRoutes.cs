using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Workflows;

/// <summary><c>GET /api/task</c>: attempts, or what they ask for in sum (contract: api-rest §8.7).</summary>
internal sealed class TaskRoutes(IWorkflowQueries queries, ListScope scopes, WorkflowView view) : IRouteArea
{
    /// <summary>More is silently cut; the web UI asks for it.</summary>
    private const int LimitMax = 1000;

    private static readonly QueryParameter<string?> WorkflowId = QueryParameter.Text("workflow_id");
    private static readonly QueryParameter<ImmutableArray<TaskGroupStatus>> Statuses = QueryParameter.EnumList<TaskGroupStatus>("statuses");
    private static readonly QueryParameter<ImmutableArray<string>> Nodes = QueryParameter.TextList("nodes");
    private static readonly QueryParameter<DateTime?> StartedAfter = QueryParameter.Time("started_after");
    private static readonly QueryParameter<DateTime?> StartedBefore = QueryParameter.Time("started_before");
    private static readonly QueryParameter<ImmutableArray<WorkflowPriority>> Priority =
        QueryParameter.EnumList<WorkflowPriority>("priority");
    private static readonly QueryParameter<int> Offset = QueryParameter.Int("offset", 0);
    private static readonly QueryParameter<int> Limit = QueryParameter.Int("limit", 20);
    private static readonly QueryParameter<ListOrder> Order = QueryParameter.Enum("order", ListOrder.Asc);
    private static readonly QueryParameter<bool> Summary = QueryParameter.Bool("summary");
    private static readonly QueryParameter<bool> ByWorkflow = QueryParameter.Bool("aggregate_by_workflow");

    public void Map(RouteTable routes) => routes.Get<TaskListAnswer>(
        "/api/task", "Task attempts, page by page, or the resources they ask for in sum", List,
        WorkflowId, Statuses, ListScope.Users, ListScope.AllUsers, ListScope.Pools, ListScope.AllPools, Nodes, StartedAfter, StartedBefore,
        Priority, Offset, Limit, Order, Summary, ByWorkflow);

    private async Task<IResult> List(HttpContext context)
    {
        var input = new RequestInput(context);
        var filter = new TaskFilter
        {
            WorkflowIdContains = input.Read(WorkflowId),
            Statuses = ListRoutes.Wire(input.Read(Statuses)),
            Nodes = ListRoutes.NullIfEmpty(input.Read(Nodes)),
            StartedFrom = input.Read(StartedAfter),
            StartedBefore = input.Read(StartedBefore),
            Priorities = ListRoutes.Wire(input.Read(Priority)),
            Offset = input.Read(Offset),
            Limit = Math.Min(input.Read(Limit), LimitMax),
        };
        var (order, summary, byWorkflow, asked) = (input.Read(Order), input.Read(Summary), input.Read(ByWorkflow), ListScope.Read(input));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (filter.Limit == 0 || filter.Offset < 0)
        {
            return Answers.Refused(ErrorCodes.User, filter.Limit == 0 ? "Limit must not be 0." : "Offset must not be negative.");
        }

        var (scope, outside) = await scopes.Resolve(context, asked);
        if (scope is null)
        {
            return outside!;
        }

        filter = filter with { Users = scope.Users, Pools = scope.Pools };
        return summary
            ? await Sums(filter, context)
            : byWorkflow ? await SumsByWorkflow(filter, context) : await Attempts(filter, order, context);
    }

    private async Task<IResult> Attempts(TaskFilter filter, ListOrder order, HttpContext context)
    {
        var rows = await queries.ListTasks(filter, context.RequestAborted);
        var shapes = await view.Shapes(context);
        var entries = rows.Select(row => shapes.TaskListEntry(StoredDocument.Parse(row, DocumentJson.Default.TaskDocument)));
        return Answers.Ok(
            new TaskListAnswer([.. order == ListOrder.Asc ? entries.Reverse() : entries]), GatewayJson.Default.TaskListAnswer);
    }

    private async Task<IResult> Sums(TaskFilter filter, HttpContext context)
    {
        var sums = await queries.SumTasks(filter, byWorkflow: false, context.RequestAborted);
        return Answers.Ok(
            new TaskSummariesAnswer(
                [.. sums.Select(sum => new TaskSummary(sum.User, sum.Pool, sum.Storage, sum.Cpu, sum.Memory, sum.Gpu, sum.Priority!))]),
            GatewayJson.Default.TaskSummariesAnswer);
    }

    private async Task<IResult> SumsByWorkflow(TaskFilter filter, HttpContext context)
    {
        var sums = await queries.SumTasks(filter, byWorkflow: true, context.RequestAborted);
        return Answers.Ok(
            new WorkflowSummariesAnswer([.. sums.Select(
                sum => new WorkflowSummary(
                    sum.User, sum.Pool, sum.Storage, sum.Cpu, sum.Memory, sum.Gpu, sum.Priority!, sum.WorkflowId!))]),
            GatewayJson.Default.WorkflowSummariesAnswer);
    }
}
