using System.CommandLine;
using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow spec</c> (contract: cli §14).</summary>
internal sealed class SpecCommand : ServiceCommand
{
    private readonly Argument<string> _id = new("workflow_id") { Description = "The workflow ID or UUID to query the spec of." };
    private readonly Option<bool> _template = new("--template") { Description = "Show the original templated spec" };

    public SpecCommand(Surroundings surroundings)
        : base("spec", "Get workflow spec.", surroundings)
    {
        Add(_id);
        Add(_template);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var query = QueryString.Empty.With("use_template", arguments.GetValue(_template));
        var text = service.Text($"{Routes.Workflow(arguments.GetRequiredValue(_id))}/spec", query, cancellation);
        await TextStream.Copy(text, Output, title: null, cancellation);
        return ExitCodes.Success;
    }
}
