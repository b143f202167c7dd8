using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Workflows;

/// <summary><c>osmo workflow submit</c>: a file, or a workflow once more (contract: cli §12).</summary>
internal sealed class SubmitCommand : ServiceCommand
{
    private readonly Argument<string> _file =
        new("workflow_file") { Description = "The workflow file to submit, or the ID of a workflow to submit once more. It stands before --set, which takes all words up to the next option." };
    private readonly FormatOption _format = new();
    private readonly WordsOption _set =
        new("--set", null, WordsKind.AllLists, "Set variables of the template, as <field>=<value>; numbers become numbers.");
    private readonly WordsOption _setString =
        new("--set-string", null, WordsKind.AllLists, "Set variables of the template, as <field>=<value>; always text.");
    private readonly WordsOption _setEnv =
        new("--set-env", null, WordsKind.AllLists, "Set environment variables of all tasks, as <key>=<value>.");
    private readonly Option<bool> _dryRun =
        new("--dry-run") { Description = "Does not submit the workflow and prints the workflow into the console." };
    private readonly Option<string?> _pool =
        new("--pool", "-p") { Description = "The target pool. If none is specified, the default pool of the profile." };
    private readonly Option<string?> _priority = Choices.Priority("The priority to use when scheduling the workflow (Default NORMAL).");
    private readonly WordsOption _labels =
        new("--label", null, WordsKind.OneEach, "Set a workflow label, as KEY=VALUE. Repeat to set multiple labels.");

    public SubmitCommand(Surroundings surroundings)
        : base("submit", "Submit a workflow to the workflow service.", surroundings)
    {
        Add(_file);
        foreach (var option in (Option[])[_format, _set, _setString, _setEnv, _dryRun, _pool, _priority, _labels])
        {
            Add(option);
        }
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var pool = arguments.GetValue(_pool) ?? await ProfilePool.Get(service, cancellation);
        var query = QueryString.Empty.WithOptional("priority", arguments.GetValue(_priority)).WithAll("label", _labels.In(arguments));
        var argument = arguments.GetRequiredValue(_file);
        if (WorkflowFile.OpenUnlessId(argument) is not { } file)
        {
            RefuseChanges(arguments);
            var again = service.Post(Routes.Submit(pool), query.With("workflow_id", argument), null, cancellation);
            Report(arguments, await SubmissionReport.Accepted(again));
            return ExitCodes.Success;
        }

        var submission = new Submission
        {
            File = file,
            Pool = pool,
            SetVariables = _set.In(arguments),
            SetStringVariables = _setString.In(arguments),
            Query = query,
        };
        var isDryRun = arguments.GetValue(_dryRun);
        var text = file.Text;
        if (file.IsTemplated || isDryRun)
        {
            text = await submission.Render(service, cancellation);
            query = query.With("dry_run", false);
        }

        if (isDryRun)
        {
            WriteLine(text);
            return ExitCodes.Success;
        }

        var sent = submission.Send(service, text, query.WithAll("env_vars", _setEnv.In(arguments)), cancellation);
        Report(arguments, await SubmissionReport.Accepted(sent, file.IsPlain ? null : file));
        return ExitCodes.Success;
    }

    /// <summary>A workflow is submitted again as it was.</summary>
    private void RefuseChanges(ParseResult arguments)
    {
        foreach (var option in (Option[])[_dryRun, _set, _setString, _setEnv])
        {
            if (arguments.GetResult(option) is { Implicit: false })
            {
                throw new CommandException(
                    $"{option.Name} is not supported when submitting a workflow ID: the workflow is submitted as it was.");
            }
        }
    }

    private void Report(ParseResult arguments, JsonNode? answer)
    {
        var asJson = FormatOption.AsksForJson(arguments);
        SubmissionReport.Write(Output, answer, "Workflow submit successful.", asJson);
        if (!asJson && arguments.GetValue(_priority) == "LOW")
        {
            WriteLine("");
            WriteLine("WARNING: LOW priority can be preempted during the run.");
        }
    }
}
