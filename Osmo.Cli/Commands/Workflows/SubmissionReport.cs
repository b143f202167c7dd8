using System.Text.Json.Nodes;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>How the outcome of a submission is told; its first three lines are read by scripts (contract: cli §12).</summary>
internal static class SubmissionReport
{
    /// <param name="title">First line of the text form.</param>
    public static void Write(TextWriter output, JsonNode? answer, string title, bool asJson)
    {
        if (asJson)
        {
            output.Write($"{JsonText.Of(answer, indent: 4)}\n");
            return;
        }

        output.Write($"{title}\n");
        output.Write($"Workflow ID        - {answer.Cell("name")}\n");
        output.Write($"Workflow Overview  - {answer.Cell("overview")}\n");
        if (answer.Text("dashboard_url") is { } dashboard)
        {
            output.Write($"Workflow Dashboard - {dashboard}\n");
        }

        WriteWarnings(output, answer);
    }

    public static void WriteWarnings(TextWriter output, JsonNode? answer)
    {
        foreach (var warning in answer?["warnings"] is JsonArray warnings ? warnings : [])
        {
            output.Write($"WARNING: {JsonCells.Cell(warning)}\n");
        }
    }

    /// <summary>The answer; a refusal of the specification becomes an error that names the workflow.</summary>
    /// <param name="rewritten">The file, when its lines are not those of the text that was sent.</param>
    public static async Task<JsonNode?> Accepted(Task<JsonNode?> submission, WorkflowFile? rewritten = null)
    {
        try
        {
            return await submission;
        }
        catch (OsmoClientException error) when (error.ErrorCode is "USAGE" or "RESOURCE" or "CREDENTIAL")
        {
            var name = error.WorkflowId is { } id ? $"{id} " : "";
            var hint = rewritten is not null && error.Message.Contains(" [line ", StringComparison.Ordinal)
                ? $"\nThe lines are those of the text as it was sent; for those of the file: osmo workflow validate {rewritten.Path} --offline"
                : "";
            throw new CommandException($"Workflow {name}submit failed:\n{error.Message}{hint}", ExitCodes.Submission, error);
        }
    }
}
