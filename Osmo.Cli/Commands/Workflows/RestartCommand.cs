using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow restart</c> (contract: cli §13).</summary>
internal sealed class RestartCommand : ServiceCommand
{
    private readonly Argument<string> _id = new("workflow_id") { Description = "The workflow ID or UUID to restart." };
    private readonly FormatOption _format = new();
    private readonly Option<string?> _pool =
        new("--pool", "-p") { Description = "The target pool to run the workflow with. If none is specified, that of the workflow." };

    public RestartCommand(Surroundings surroundings)
        : base("restart", "Restart a failed workflow.", surroundings)
    {
        Add(_id);
        Add(_format);
        Add(_pool);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var id = arguments.GetRequiredValue(_id);
        var pool = arguments.GetValue(_pool)
            ?? (await service.Get(Routes.Workflow(id), QueryString.Empty, cancellation)).Text("pool")
            ?? await ProfilePool.Get(service, cancellation);
        var answer = await SubmissionReport.Accepted(service.Post(Routes.Restart(pool, id), QueryString.Empty, null, cancellation));
        SubmissionReport.Write(Output, answer, $"Workflow {id} restarted.", FormatOption.AsksForJson(arguments));
        return ExitCodes.Success;
    }
}
