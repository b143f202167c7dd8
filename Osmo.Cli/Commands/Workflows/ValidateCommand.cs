using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;
using Osmo.Workflows.Specification;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow validate</c> (contract: cli §13).</summary>
internal sealed class ValidateCommand : ServiceCommand
{
    private readonly Argument<string> _file = new("workflow_file") { Description = "The workflow file to validate." };
    private readonly WordsOption _set =
        new("--set", null, WordsKind.AllLists, "Set variables of the template, as <field>=<value>; numbers become numbers.");
    private readonly WordsOption _setString =
        new("--set-string", null, WordsKind.AllLists, "Set variables of the template, as <field>=<value>; always text.");
    private readonly Option<string?> _pool =
        new("--pool", "-p") { Description = "The target pool. If none is specified, the default pool of the profile." };
    private readonly WordsOption _labels = new("--label", null, WordsKind.OneEach, "Set a workflow label for validation, as KEY=VALUE.");

    private readonly Option<bool> _offline =
        new("--offline") { Description = "Check on this machine, without a service: all but what depends on a pool, credentials or other workflows." };

    public ValidateCommand(Surroundings surroundings)
        : base("validate", "validate a workflow to the workflow server.", surroundings)
    {
        Add(_file);
        Add(_set);
        Add(_setString);
        Add(_pool);
        Add(_labels);
        Add(_offline);
        SetAction((arguments, cancellation) => arguments.GetValue(_offline)
            ? Task.FromResult(RunOffline(arguments))
            : Run(arguments, Service.Of(arguments, surroundings), cancellation));
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var file = WorkflowFile.Open(arguments.GetRequiredValue(_file));
        var sections = SpecSections.Split(file.Text) switch
        {
            SectionsOutcome.Split { Sections: var split } => split,
            SectionsOutcome.Rejected { Problems: var problems } =>
                throw new CommandException(
                    $"{file.Path}: {string.Join(" ", problems.Select(problem => $"{problem.Message} ({problem.Position})"))}"),
            var other => throw new InvalidOperationException($"Unknown outcome {other}."),
        };
        var query = QueryString.Empty.WithAll("label", _labels.In(arguments)).With("validation_only", true);
        var submission = new Submission
        {
            File = file,
            Pool = arguments.GetValue(_pool) ?? await ProfilePool.Get(service, cancellation),
            SetVariables = _set.In(arguments),
            SetStringVariables = _setString.In(arguments),
            Query = query,
        };
        var text = file.IsTemplated ? await submission.Render(service, cancellation) : sections.Workflow.Text;
        var answer = await submission.Send(service, text, query.With("dry_run", false), cancellation);
        WriteLine(answer.Text("logs") ?? "Workflow validation succeeded.");
        SubmissionReport.WriteWarnings(Output, answer);
        return ExitCodes.Success;
    }

    private int RunOffline(ParseResult arguments)
    {
        var file = WorkflowFile.Open(arguments.GetRequiredValue(_file));
        var faults = new OfflineValidation(file, [.. _set.In(arguments)], [.. _setString.In(arguments)], [.. _labels.In(arguments)]).Faults();
        if (!faults.IsEmpty)
        {
            throw new CommandException(string.Join('\n', faults), ExitCodes.Submission);
        }

        WriteLine("Workflow validation succeeded.");
        return ExitCodes.Success;
    }
}
