using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow cancel</c>: one that cannot be cancelled does not save the others (contract: cli §15).</summary>
internal sealed class CancelCommand : ServiceCommand
{
    private readonly Argument<string[]> _ids =
        new("workflow_ids") { Arity = ArgumentArity.OneOrMore, Description = "The workflow IDs or UUIDs to cancel." };
    private readonly Option<string?> _message =
        new("--message", "-m") { Description = "Additional message describing reason for cancelation." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Force cancel task group pods in the cluster." };
    private readonly FormatOption _format = new();

    public CancelCommand(Surroundings surroundings)
        : base("cancel", "Cancel a queued or running workflow.", surroundings)
    {
        Add(_ids);
        Add(_message);
        Add(_force);
        Add(_format);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var query = QueryString.Empty.With("force", arguments.GetValue(_force)).WithOptional("message", arguments.GetValue(_message));
        var asJson = FormatOption.AsksForJson(arguments);
        foreach (var id in arguments.GetRequiredValue(_ids))
        {
            try
            {
                var answer = await service.Post($"{Routes.Workflow(id)}/cancel", query, null, cancellation);
                WriteLine(asJson ? JsonText.Of(answer, indent: 4) : $"Cancel job for workflow {answer.Cell("name")} is submitted!");
            }
            catch (OsmoClientException error) when (error.Status is not null)
            {
                (asJson ? Surroundings.Error : Output).Write($"Workflow cancelation failed for workflow {id}: {error.Message}\n");
            }
        }

        return ExitCodes.Success;
    }
}
