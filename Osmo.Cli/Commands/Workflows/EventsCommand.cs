using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow events</c>: follows until the workflow ends (contract: cli §14).</summary>
internal sealed class EventsCommand : ServiceCommand
{
    private readonly Argument<string> _id = new("workflow_id") { Description = "The workflow ID or UUID for which to fetch the events." };
    private readonly Option<string?> _task = new("--task", "-t") { Description = "The task name for which to fetch the events." };
    private readonly Option<int?> _retry =
        Choices.OptionalNumber("--retry-id", "-r", "The retry ID of the task. If not provided, the latest.");

    public EventsCommand(Surroundings surroundings)
        : base("events", "Get the events from a workflow.", surroundings)
    {
        Add(_id);
        Add(_task);
        Add(_retry);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var (id, task, retry) = (arguments.GetRequiredValue(_id), arguments.GetValue(_task), arguments.GetValue(_retry));
        if (task is null && retry is not null)
        {
            throw new CommandException("Specify task for retry ID.");
        }

        var query = QueryString.Empty.WithOptional("task_name", task).WithOptional("retry_id", retry);
        var text = service.Text($"{Routes.Workflow(id)}/events", query, cancellation);
        await TextStream.Follow(text, Output, $"Workflow {id} has events:", TextStream.EventsBrokeOff, cancellation);
        return ExitCodes.Success;
    }
}
