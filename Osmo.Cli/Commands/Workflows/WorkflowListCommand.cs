using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow list</c> (contract: cli §15).</summary>
internal sealed class WorkflowListCommand : ServiceCommand
{
    /// <summary>The service gives no more at once.</summary>
    public const int PageMax = 1000;

    private readonly Option<int> _count =
        Choices.Number("--count", "-c", least: 1, absent: 20, "Display the given count of workflows. Default value is 20.");
    private readonly Option<int> _offset =
        Choices.Number("--offset", "-f", least: 0, absent: 0, "Skip the first N workflows (newest first). Default is 0.");
    private readonly Option<string?> _name = new("--name", "-n") { Description = "Display workflows which contains the string." };
    private readonly Option<string?> _order =
        Choices.OneOf("--order", "-o", "asc means latest at the bottom. Default is asc.", "asc", "desc");
    private readonly WordsOption _statuses = new("--status", "-s", WordsKind.LastList, "Display all workflows with the given status(es).");
    private readonly FormatOption _format = new();
    private readonly Option<DateOnly?> _after =
        Choices.Date("--submitted-after", "Workflows that were submitted on this date or after it.");
    private readonly Option<DateOnly?> _before = Choices.Date("--submitted-before", "Workflows that were submitted before this date.");
    private readonly WordsOption _tags = new("--tags", null, WordsKind.LastList, "Filter for workflows that contain the tag(s).");
    private readonly WordsOption _priorities =
        new WordsOption("--priority", null, WordsKind.LastList, "Filter workflows by priority levels.").WithPriorities();
    private readonly WordsOption _labels =
        new("--label", null, WordsKind.OneEach, "Filter for workflows whose label matches KEY=SELECTOR, such as project=(sim_*|hil_*).");
    private readonly WordsOption _noLabels = new("--no-label", null, WordsKind.OneEach, "Filter for workflows without this label key.");
    private readonly WordsOption _users = new("--user", "-u", WordsKind.LastList, "Display all workflows by this user.");
    private readonly Option<bool> _allUsers =
        new("--all-users", "-a") { Description = "Display all workflows with no filtering on users." };
    private readonly WordsOption _pools = new("--pool", "-p", WordsKind.LastList, "Display all workflows by this pool.");
    private readonly Option<string?> _app =
        new("--app", "-P") { Description = "Display all workflows created by this app: <app> or <app>:<version>." };

    public WorkflowListCommand(Surroundings surroundings)
        : base("list", "List workflows with different filters, from all pools unless --pool is given.", surroundings)
    {
        _statuses.From(Statuses.OfWorkflows);
        foreach (var option in (Option[])
        [
            _count, _offset, _name, _order, _statuses, _format, _after, _before, _tags, _priorities, _labels, _noLabels, _users, _allUsers,
            _pools, _app,
        ])
        {
            Add(option);
        }

        this.Exclude(_users, _allUsers);
        this.ExcludeReversed(_after, _before);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var workflows = await Collect(service, Filter(arguments), arguments.GetValue(_count), arguments.GetValue(_offset), cancellation);
        if (arguments.GetValue(_order) != "desc")
        {
            workflows.Reverse();
        }

        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(
                new JsonObject { ["workflows"] = new JsonArray([.. workflows.Select(workflow => workflow.DeepClone())]) }, indent: 2));
        }
        else if (workflows.Count == 0)
        {
            WriteLine("There are no workflows to view.");
        }
        else
        {
            Table(workflows).WriteTo(Output);
        }

        return ExitCodes.Success;
    }

    /// <summary>The newest first, page by page.</summary>
    private static async Task<List<JsonNode>> Collect(
        OsmoClient service, QueryString filter, int count, int offset, CancellationToken cancellation)
    {
        List<JsonNode> workflows = [];
        var hasMore = true;
        while (hasMore && workflows.Count < count)
        {
            var page = filter.With("limit", Math.Min(count - workflows.Count, PageMax)).With("offset", offset + workflows.Count);
            var answer = await service.Get("api/workflow", page, cancellation);
            var before = workflows.Count;
            workflows.AddRange(answer.List("workflows"));
            hasMore = workflows.Count > before && answer?["more_entries"] is JsonValue more && more.GetValue<bool>();
        }

        return workflows;
    }

    private QueryString Filter(ParseResult arguments)
    {
        var times = new LocalTimes(Surroundings.Time.LocalTimeZone);
        var pools = _pools.In(arguments);
        var query = QueryString.Empty
            .WithOptional("name", arguments.GetValue(_name))
            .WithAll("users", _users.In(arguments))
            .WithAll("statuses", _statuses.In(arguments))
            .With("order", "DESC");
        query = arguments.GetValue(_allUsers) ? query.With("all_users", true) : query;
        query = query.WithAll("tags", _tags.In(arguments)).WithAll("pools", pools);
        query = pools.IsEmpty ? query.With("all_pools", true) : query;
        return query
            .WithOptional("app", arguments.GetValue(_app))
            .WithAll("priority", _priorities.In(arguments))
            .WithAll("label", _labels.In(arguments))
            .WithAll("no_label", _noLabels.In(arguments))
            .WithOptional("submitted_after", arguments.GetValue(_after) is { } after ? times.StartOf(after) : null)
            .WithOptional("submitted_before", arguments.GetValue(_before) is { } before ? times.StartOf(before) : null);
    }

    private Table Table(List<JsonNode> workflows)
    {
        var times = new LocalTimes(Surroundings.Time.LocalTimeZone);
        var table = new Table("User", "Workflow ID", "Submit Time", "Status", "Priority", "Labels", "Overview");
        foreach (var workflow in workflows)
        {
            table.Add(
                workflow.Cell("user"),
                workflow.Cell("name"),
                times.Show(workflow.Cell("submit_time")),
                workflow.Cell("status"),
                workflow.Cell("priority"),
                workflow.Labels(),
                workflow.Cell("overview"));
        }

        return table;
    }
}
