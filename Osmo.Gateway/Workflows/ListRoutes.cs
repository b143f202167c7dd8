using System.Collections.Immutable;
using System.Globalization;
using Osmo.Gateway.Conventions;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Workflows;

/// <summary>Lists are read in this order.</summary>
public enum ListOrder
{
    Asc = 1,
    Desc,
}

/// <summary><c>GET /api/workflow</c> (contract: api-rest §8.4).</summary>
internal sealed class ListRoutes(IWorkflowQueries queries, ListScope scopes, WorkflowView view) : IRouteArea
{
    private const int LimitMax = 1000;

    private static readonly QueryParameter<string?> Name = QueryParameter.Text("name");
    private static readonly QueryParameter<ImmutableArray<WorkflowStatus>> Statuses = QueryParameter.EnumList<WorkflowStatus>("statuses");
    private static readonly QueryParameter<DateTime?> SubmittedAfter = QueryParameter.Time("submitted_after");
    private static readonly QueryParameter<DateTime?> SubmittedBefore = QueryParameter.Time("submitted_before");
    private static readonly QueryParameter<ImmutableArray<string>> Tags = QueryParameter.TextList("tags");
    private static readonly QueryParameter<string?> App = QueryParameter.Text("app");
    private static readonly QueryParameter<ImmutableArray<WorkflowPriority>> Priority =
        QueryParameter.EnumList<WorkflowPriority>("priority");
    private static readonly QueryParameter<ImmutableArray<string>> Label = QueryParameter.TextList("label");
    private static readonly QueryParameter<ImmutableArray<string>> NoLabel = QueryParameter.TextList("no_label");
    private static readonly QueryParameter<int> Offset = QueryParameter.Int("offset", 0);
    private static readonly QueryParameter<int> Limit = QueryParameter.Int("limit", 20);
    private static readonly QueryParameter<ListOrder> Order = QueryParameter.Enum("order", ListOrder.Asc);

    public void Map(RouteTable routes) => routes.Get<WorkflowListAnswer>(
        "/api/workflow", "Workflows, page by page", List,
        ListScope.Users, ListScope.AllUsers, Name, Statuses, ListScope.Pools, ListScope.AllPools, SubmittedAfter, SubmittedBefore,
        Tags, App, Priority, Label, NoLabel, Offset, Limit, Order);

    private async Task<IResult> List(HttpContext context)
    {
        var input = new RequestInput(context);
        var filter = new WorkflowFilter
        {
            IdContains = input.Read(Name),
            Statuses = Wire(input.Read(Statuses)),
            SubmittedFrom = input.Read(SubmittedAfter),
            SubmittedBefore = input.Read(SubmittedBefore),
            Tags = NullIfEmpty(input.Read(Tags)),
            Priorities = Wire(input.Read(Priority)),
            WithoutLabels = input.Read(NoLabel),
            Offset = input.Read(Offset),
            Limit = input.Read(Limit),
            NewestFirst = input.Read(Order) == ListOrder.Desc,
        };
        var (selectors, app, asked) = (input.Read(Label), input.Read(App), ListScope.Read(input));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (Complaint(ref filter, selectors, app) is { } refusal)
        {
            return refusal;
        }

        var (scope, outside) = await scopes.Resolve(context, asked);
        if (scope is null)
        {
            return outside!;
        }

        var page = await queries.ListWorkflows(filter with { Users = scope.Users, Pools = scope.Pools }, context.RequestAborted);
        var shapes = await view.Shapes(context);
        return Answers.Ok(
            new WorkflowListAnswer(
                [.. page.Heads.Select(row => shapes.ListEntry(StoredDocument.Parse(row, DocumentJson.Default.WorkflowHead)))], page.More),
            GatewayJson.Default.WorkflowListAnswer);
    }

    private static IResult? Complaint(ref WorkflowFilter filter, ImmutableArray<string> selectors, string? app)
    {
        if (filter.Limit > LimitMax)
        {
            return Answers.Refused(ErrorCodes.User, $"Limit must be less than {LimitMax}.");
        }

        if (filter.Offset < 0)
        {
            return Answers.Refused(ErrorCodes.User, "Offset must not be negative.");
        }

        foreach (var text in selectors)
        {
            if (!LabelSelectors.TryParse(text, out var selector, out var error))
            {
                return Answers.Refused(ErrorCodes.Usage, error);
            }

            filter = filter with { Labels = filter.Labels.Add(selector) };
        }

        if (app?.Split(':', 2) is { } parts)
        {
            int? version = null;
            if (parts.Length == 2)
            {
                if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return Answers.Refused(ErrorCodes.User, $"App version '{parts[1]}' is not a number.");
                }

                version = number;
            }

            filter = filter with { AppName = parts[0], AppVersion = version };
        }

        return null;
    }

    internal static ImmutableArray<string>? Wire<T>(ImmutableArray<T> values) where T : struct, Enum =>
        values.IsEmpty ? null : [.. values.Select(WireEnum<T>.Name)];

    internal static ImmutableArray<string>? NullIfEmpty(ImmutableArray<string> values) => values.IsEmpty ? null : values;
}
