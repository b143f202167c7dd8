using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Osmo.Cli.Output;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Commands.Tasks;

/// <summary>One way to print what <c>task list</c> found: which list of the answer, which columns, what to say when it is empty.</summary>
/// <param name="List">Field of the answer.</param>
/// <param name="SumsResources">Columns with the requested resources, and their totals.</param>
internal sealed record TaskView(string List, ImmutableArray<(string Title, string Field)> Columns, bool SumsResources, string Empty)
{
    private const string StartTime = "start_time";

    private static readonly ImmutableArray<string> Resources = ["storage", "cpu", "memory", "gpu"];

    private static readonly ImmutableArray<(string Title, string Field)> TaskColumns =
    [
        ("User", "user"), ("Workflow ID", "workflow_id"), ("Task", "task_name"), ("Status", "status"),
        ("Pool", "pool"), ("Priority", "priority"), ("Node", "node"), ("Start Time", StartTime),
    ];

    private static readonly TaskView Tasks = new("tasks", TaskColumns, SumsResources: false, "There are no tasks to view.");

    private static readonly TaskView Verbose = Tasks with { SumsResources = true };

    private static readonly TaskView Summary = new(
        "summaries",
        [("User", "user"), ("Pool", "pool"), ("Priority", "priority")],
        SumsResources: true,
        "There are no summaries to view.");

    private static readonly TaskView Aggregate = new(
        "summaries",
        [("User", "user"), ("Workflow ID", "workflow_id"), ("Pool", "pool"), ("Priority", "priority")],
        SumsResources: true,
        "There are no workflows to view.");

    /// <summary>The summary wins over the aggregation by workflow.</summary>
    public static TaskView Of(bool isSummary, bool isAggregate, bool isVerbose) =>
        isSummary ? Summary : isAggregate ? Aggregate : isVerbose ? Verbose : Tasks;

    public void Write(JsonNode? answer, TextWriter output, LocalTimes times)
    {
        var rows = answer.List(List).ToList();
        if (rows.Count == 0)
        {
            output.Write($"{Empty}\n");
            return;
        }

        ImmutableArray<string> resources = SumsResources ? Resources : [];
        var table = new Table([.. Columns.Select(column => column.Title), .. resources])
        {
            Sum = SumsResources ? [.. Columns.Select(_ => ""), .. resources.Select(resource => Sum(rows, resource))] : null,
        };
        foreach (var row in rows)
        {
            var cells = Columns.Select(column => Cell(row, column.Field, times));
            table.Add([.. cells, .. resources.Select(resource => row.CellOrDash(resource))]);
        }

        table.WriteTo(output);
    }

    private static string Cell(JsonNode row, string field, LocalTimes times) =>
        field == StartTime && row.Text(field) is { } time ? times.Show(time) : row.CellOrDash(field);

    /// <summary>Whole when all are whole, as the amounts themselves are written.</summary>
    private static string Sum(List<JsonNode> rows, string resource)
    {
        var amounts = rows.Select(row => row.Text(resource)).OfType<string>().ToList();
        return amounts.TrueForAll(amount => long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? amounts.Sum(amount => long.Parse(amount, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)
            : PythonText.Of(amounts.Sum(amount => double.Parse(amount, CultureInfo.InvariantCulture)));
    }
}
