using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Tasks;

/// <summary><c>osmo task list</c> (contract: cli §19).</summary>
internal sealed class TaskListCommand : ServiceCommand
{
    private readonly WordsOption _statuses =
        new("--status", "-s", WordsKind.LastList, "Display all tasks with the given status(es). Defaults to those that are under way.");
    private readonly Option<string?> _workflow =
        new("--workflow-id", "-w") { Description = "Display workflows which contains the string." };
    private readonly WordsOption _users = new("--user", "-u", WordsKind.LastList, "Display all tasks by this user.");
    private readonly Option<bool> _allUsers = new("--all-users", "-a") { Description = "Display all tasks with no filtering on users." };
    private readonly WordsOption _pools =
        new("--pool", "-p", WordsKind.LastList, "Display all tasks by this pool. If not specified, all pools.");
    private readonly WordsOption _nodes =
        new("--node", "-n", WordsKind.LastList, "Display all tasks which ran on this node. If not specified, all nodes.");
    private readonly Option<DateOnly?> _after = Choices.Date("--started-after", "Tasks that were started on this date or after it.");
    private readonly Option<DateOnly?> _before = Choices.Date("--started-before", "Tasks that were started before this date.");
    private readonly Option<int> _count =
        Choices.Number("--count", "-c", least: 1, absent: 20, "Display the given count of tasks. Default value is 20. Max value of 1000.");
    private readonly Option<int> _offset = Choices.Number("--offset", "-f", least: 0, absent: 0, "Skip the first N tasks.");
    private readonly Option<string?> _order =
        Choices.OneOf("--order", "-o", "asc means latest at the bottom. Default is asc.", "asc", "desc");
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Display storage, cpu, memory, and gpu request." };
    private readonly Option<bool> _summary = new("--summary", "-S") { Description = "Displays resource request grouped by user and pool." };
    private readonly Option<bool> _aggregate =
        new("--aggregate-by-workflow", "-W") { Description = "Aggregate resource request by workflow." };
    private readonly WordsOption _priorities =
        new WordsOption("--priority", null, WordsKind.LastList, "Filter tasks by priority levels.").WithPriorities();
    private readonly FormatOption _format = new();

    public TaskListCommand(Surroundings surroundings)
        : base("list", "List tasks with different filters.", surroundings)
    {
        _statuses.From(Statuses.OfTasks);
        foreach (var option in (Option[])
        [
            _statuses, _workflow, _users, _allUsers, _pools, _nodes, _after, _before, _count, _offset, _order, _verbose, _summary,
            _aggregate, _priorities, _format,
        ])
        {
            Add(option);
        }

        this.Exclude(_users, _allUsers);
        this.Exclude(_pools, _nodes);
        this.Exclude(_verbose, _summary);
        this.ExcludeReversed(_after, _before);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var answer = await service.Get("api/task", Query(arguments), cancellation);
        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(answer, indent: 2));
            return ExitCodes.Success;
        }

        var view = TaskView.Of(arguments.GetValue(_summary), arguments.GetValue(_aggregate), arguments.GetValue(_verbose));
        view.Write(answer, Output, new LocalTimes(Surroundings.Time.LocalTimeZone));
        return ExitCodes.Success;
    }

    private QueryString Query(ParseResult arguments)
    {
        var times = new LocalTimes(Surroundings.Time.LocalTimeZone);
        var statuses = _statuses.In(arguments);
        var pools = _pools.In(arguments);
        var query = QueryString.Empty
            .With("limit", arguments.GetValue(_count))
            .With("offset", arguments.GetValue(_offset))
            .With("all_users", arguments.GetValue(_allUsers))
            .WithAll("statuses", statuses.IsEmpty ? Statuses.OfTasksUnderWay : statuses)
            .With("order", arguments.GetValue(_order) == "desc" ? "DESC" : "ASC")
            .WithOptional("workflow_id", arguments.GetValue(_workflow))
            .WithAll("users", _users.In(arguments))
            .WithAll("pools", pools)
            .WithAll("nodes", _nodes.In(arguments))
            .WithAll("priority", _priorities.In(arguments))
            .WithOptional("started_after", arguments.GetValue(_after) is { } after ? times.StartOf(after) : null)
            .WithOptional("started_before", arguments.GetValue(_before) is { } before ? times.StartOf(before) : null);
        query = pools.IsEmpty ? query.With("all_pools", true) : query;
        query = arguments.GetValue(_summary) ? query.With("summary", true) : query;
        return arguments.GetValue(_aggregate) ? query.With("aggregate_by_workflow", true) : query;
    }
}
