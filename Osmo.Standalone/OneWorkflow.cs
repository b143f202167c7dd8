using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Cli.Client;
using Osmo.Cli.Commands.Workflows;

namespace Osmo.Standalone;

/// <summary>One workflow from file to result, through the service's own API.</summary>
internal sealed class OneWorkflow(WorkflowFile file, ImmutableArray<string> set, ImmutableArray<string> setString)
{
    private const int FollowTriesMax = 5;

    /// <summary>0 when the workflow completes; 1 when it is refused or fails, with the reason on stderr.</summary>
    public async Task<int> Run(Uri service, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var client = new OsmoClient(http, service, new ClientIdentity.Development(Environment.UserName));
        var id = await Submit(client, cancellation);
        Console.WriteLine($"Workflow ID        - {id}");
        await Follow(client, id, cancellation);
        var workflow = await client.Get($"api/workflow/{id}", Cli.Client.QueryString.Empty, cancellation);
        var status = workflow!["status"]!.GetValue<string>();
        Console.WriteLine($"Workflow Status    - {status}");
        return status == "COMPLETED" ? 0 : await Explain(workflow);
    }

    private async Task<string> Submit(OsmoClient client, CancellationToken cancellation)
    {
        var submission = new Submission { File = file, Pool = StandaloneConfiguration.Pool, SetVariables = set, SetStringVariables = setString };
        var answer = await (file.MayHaveLocalFiles ? SendWithLocalFiles(submission, client, cancellation) : submission.SendAsItStands(client, cancellation));
        foreach (var warning in answer!["warnings"]!.AsArray())
        {
            await Console.Error.WriteLineAsync($"WARNING: {warning}");
        }

        return answer["name"]!.GetValue<string>();
    }

    private async Task<JsonNode?> SendWithLocalFiles(Submission submission, OsmoClient client, CancellationToken cancellation)
    {
        var text = file.IsTemplated ? await submission.Render(client, cancellation) : file.Text;
        return await submission.Send(client, text, Cli.Client.QueryString.Empty, cancellation);
    }

    /// <summary>Prints the log to its end. A stream that is cut is taken up again: the service sends it from the start, and what was printed is skipped.</summary>
    private static async Task Follow(OsmoClient client, string id, CancellationToken cancellation)
    {
        var printed = 0;
        for (var tries = 1; ; tries++)
        {
            try
            {
                var line = 0;
                await foreach (var text in client.Lines($"api/workflow/{id}/logs", Cli.Client.QueryString.Empty, cancellation))
                {
                    if (line++ >= printed)
                    {
                        Console.WriteLine(text);
                        printed = line;
                    }
                }

                return;
            }
            catch (OsmoClientException error) when (error.StreamCut && tries < FollowTriesMax)
            {
                await Console.Error.WriteLineAsync("The log stream was cut; following it again.");
            }
        }
    }

    /// <summary>Which tasks failed, and why.</summary>
    private static async Task<int> Explain(JsonNode workflow)
    {
        foreach (var group in workflow["groups"]!.AsArray())
        {
            foreach (var task in group!["tasks"]!.AsArray().Where(task => task!["status"]!.GetValue<string>().StartsWith("FAILED", StringComparison.Ordinal)))
            {
                var message = (task!["failure_message"] ?? group["failure_message"])?.GetValue<string>() ?? "";
                var code = task["exit_code"] is { } exit ? $", exit code {exit}" : "";
                await Console.Error.WriteLineAsync($"Task {task["name"]} is {task["status"]}{code}. {message}".TrimEnd());
            }
        }

        return 1;
    }
}
