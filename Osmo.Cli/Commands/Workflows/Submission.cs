using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Cli.Client;
using Osmo.Cli.Output;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>
/// One specification on its way to a pool: rendered by the service when it is a template, completed with local files, submitted
/// (contract: cli §12).
/// </summary>
internal sealed record Submission
{
    public required WorkflowFile File { get; init; }

    public required string Pool { get; init; }

    public ImmutableArray<string> SetVariables { get; init; } = [];

    public ImmutableArray<string> SetStringVariables { get; init; } = [];

    /// <summary>What every request of this submission says, such as priority and labels.</summary>
    public QueryString Query { get; init; } = QueryString.Empty;

    /// <summary>The specification as the service renders it; nothing is stored.</summary>
    public async Task<string> Render(OsmoClient service, CancellationToken cancellation)
    {
        var answer = await Post(service, Query.With("dry_run", true), File.Text, template: null, cancellation);
        return answer.Text("spec")
            ?? throw new OsmoClientException("The service answered a dry run without the rendered spec.", ExitCodes.ServerError);
    }

    /// <summary>
    /// Sends the rendered text, local files in it, with the template it came from. A file that is sent as it stands goes word for word: then the
    /// lines that the service names are those of the file.
    /// </summary>
    /// <param name="query">What only this request says.</param>
    public Task<JsonNode?> Send(OsmoClient service, string text, QueryString query, CancellationToken cancellation)
    {
        var document = new LocalFiles(File.Directory).Inline(File.Parse(text));
        return Post(service, query, File.IsPlain ? File.Text : YamlWriter.Write(document), File.IsTemplated ? File.Text : null, cancellation);
    }

    /// <summary>Sends the file word for word; the service renders it if it is a template. For files without local files.</summary>
    public Task<JsonNode?> SendAsItStands(OsmoClient service, CancellationToken cancellation) => Post(service, Query, File.Text, template: null, cancellation);

    private Task<JsonNode?> Post(OsmoClient service, QueryString query, string text, string? template, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["file"] = text,
            ["set_variables"] = new JsonArray([.. SetVariables.Select(variable => JsonValue.Create(variable))]),
            ["set_string_variables"] = new JsonArray([.. SetStringVariables.Select(variable => JsonValue.Create(variable))]),
            ["uploaded_templated_spec"] = template,
        };
        return service.Post(Routes.Submit(Pool), query, body, cancellation);
    }
}
