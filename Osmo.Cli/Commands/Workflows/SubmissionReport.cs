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
    public static async Task<JsonNode?> Accepted(Task<JsonNode?> submission)
    {
        try
        {
            return await submission;
        }
        catch (OsmoClientException error) when (error.ErrorCode is "USAGE" or "RESOURCE" or "CREDENTIAL")
        {
            var name = error.WorkflowId is { } id ? $"{id} " : "";
            throw new CommandException($"Workflow {name}submit failed:\n{error.Message}", ExitCodes.Submission, error);
        }
    }
}
