using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow logs</c>: follows until the workflow ends (contract: cli §14).</summary>
internal sealed class LogsCommand : ServiceCommand
{
    private readonly Argument<string> _id = new("workflow_id") { Description = "The workflow ID or UUID for which to fetch the logs." };
    private readonly Option<string?> _task = new("--task", "-t") { Description = "The task name for which to fetch the logs." };
    private readonly Option<int?> _retry =
        Choices.OptionalNumber("--retry-id", "-r", "The retry ID of the task. If not provided, the latest.");
    private readonly Option<bool> _error = new("--error") { Description = "Show task error logs instead of regular logs" };
    private readonly Option<int?> _last = Choices.OptionalNumber("-n", null, "Show last n lines of logs");

    public LogsCommand(Surroundings surroundings)
        : base("logs", "Get the logs from a workflow.", surroundings)
    {
        Add(_id);
        Add(_task);
        Add(_retry);
        Add(_error);
        Add(_last);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var (id, task, retry, isError) =
            (arguments.GetRequiredValue(_id), arguments.GetValue(_task), arguments.GetValue(_retry), arguments.GetValue(_error));
        if (task is null && (isError || retry is not null))
        {
            throw new CommandException("Specify task for retry ID or error logs.");
        }

        var query = QueryString.Empty
            .WithOptional("last_n_lines", arguments.GetValue(_last))
            .WithOptional("task_name", task)
            .WithOptional("retry_id", retry);
        var text = service.Text($"{Routes.Workflow(id)}/{(isError ? "error_logs" : "logs")}", query, cancellation);
        var title = $"Workflow {id} has {(isError ? "error logs" : "logs")}:";
        await TextStream.Follow(text, Output, title, TextStream.LogsBrokeOff, cancellation);
        return ExitCodes.Success;
    }
}
