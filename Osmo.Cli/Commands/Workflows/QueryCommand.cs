using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow query</c> (contract: cli §15).</summary>
internal sealed class QueryCommand : ServiceCommand
{
    private const int RuleChars = 68;

    private readonly Argument<string> _id = new("workflow_id") { Description = "The workflow ID or UUID to query the status of." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Whether to show all retried tasks." };
    private readonly FormatOption _format = new();

    public QueryCommand(Surroundings surroundings)
        : base("query", "Query the status of a running workflow.", surroundings)
    {
        Add(_id);
        Add(_verbose);
        Add(_format);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var id = arguments.GetRequiredValue(_id);
        var isVerbose = arguments.GetValue(_verbose);
        var workflow = await service.Get(Routes.Workflow(id), QueryString.Empty.With("verbose", isVerbose), cancellation);
        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(workflow, indent: 2));
        }
        else
        {
            Write(id, workflow, isVerbose);
        }

        return ExitCodes.Success;
    }

    private void Write(string id, JsonNode? workflow, bool isVerbose)
    {
        var times = new LocalTimes(Surroundings.Time.LocalTimeZone);
        WriteLine(new string('-', RuleChars));
        WriteLine("");
        WriteLine($"Workflow ID : {id}");
        WriteLine($"Status      : {workflow.Cell("status")}");
        WriteLine($"User        : {workflow.Cell("submitted_by")}");
        WriteLine($"Submit Time : {times.Show(workflow.Cell("submit_time"))}");
        WriteLine($"Labels      : {workflow.Labels()}");
        WriteLine($"Overview    : {workflow.Cell("overview")}");
        WriteLine("");

        var table = isVerbose ? new Table("Task Name", "Retry ID", "Start Time", "Status") : new Table("Task Name", "Start Time", "Status");
        foreach (var task in workflow.List("groups").SelectMany(group => group.List("tasks")))
        {
            var start = task.Text("start_time") is { } time ? times.Show(time) : "-";
            table.Add([task.Cell("name"), .. isVerbose ? [task.Cell("retry_id")] : Array.Empty<string>(), start, task.Cell("status")]);
        }

        table.WriteTo(Output);
    }
}
