using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow tag</c>: lists the tags there are, or changes those of workflows (contract: cli §15).</summary>
internal sealed class TagCommand : ServiceCommand
{
    private readonly WordsOption _workflows =
        new("--workflow", "-w", WordsKind.LastList, "List of workflows to update. If not set, the available tags are listed.");
    private readonly WordsOption _add = new("--add", "-a", WordsKind.LastList, "List of tags to add.");
    private readonly WordsOption _remove = new("--remove", "-r", WordsKind.LastList, "List of tags to remove; done before adding.");

    public TagCommand(Surroundings surroundings)
        : base("tag", "List or change tags from workflow(s) if no workflow is specified. Remove is applied before add", surroundings)
    {
        Add(_workflows);
        Add(_add);
        Add(_remove);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var (workflows, add, remove) = (_workflows.In(arguments), _add.In(arguments), _remove.In(arguments));
        if (workflows.IsEmpty != (add.IsEmpty && remove.IsEmpty))
        {
            throw new CommandException(
                workflows.IsEmpty ? "Specify the workflows to tag with --workflow." : "Specify tags with --add or --remove.");
        }

        if (workflows.IsEmpty)
        {
            await WriteAvailable(service, cancellation);
            return ExitCodes.Success;
        }

        var query = QueryString.Empty.WithAll("add", add).WithAll("remove", remove);
        foreach (var id in workflows)
        {
            try
            {
                await service.Post($"{Routes.Workflow(id)}/tag", query, null, cancellation);
                WriteLine($"Workflow {id} updated.");
            }
            catch (OsmoClientException error) when (error.ExitCode == ExitCodes.User)
            {
                WriteLine(error.Message);
            }
        }

        return ExitCodes.Success;
    }

    private async Task WriteAvailable(OsmoClient service, CancellationToken cancellation)
    {
        var tags = (await service.Get("api/tag", QueryString.Empty, cancellation)).List("tags").ToList();
        if (tags.Count == 0)
        {
            WriteLine("No tags have been set by admins.");
        }

        WriteLine("Tags:");
        foreach (var tag in tags)
        {
            WriteLine($"- {JsonCells.Cell(tag)}");
        }
    }
}
