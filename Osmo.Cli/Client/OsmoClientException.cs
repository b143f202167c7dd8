using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Cli.Client;

/// <summary>Something went wrong between client and service; the message is for the user.</summary>
public sealed class OsmoClientException(string message, int exitCode, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary><c>error_code</c> of the answer, if it had one (contract: api-rest §4.2).</summary>
    public string? ErrorCode { get; init; }

    public string? WorkflowId { get; init; }

    /// <summary>Null when no answer came.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>A text stream ended before its end.</summary>
    public bool StreamCut { get; init; }

    /// <summary>What an answer other than 200 means (contract: api-rest §4.3).</summary>
    public static OsmoClientException Of(HttpStatusCode status, string body)
    {
        var answer = Parse(body);
        var code = Text(answer, "error_code");
        var message = Text(answer, "message") ?? (body.Length > 0 ? body : $"HTTP {(int)status}");
        return new OsmoClientException(message, Exit(status, code))
        {
            ErrorCode = code,
            WorkflowId = Text(answer, "workflow_id"),
            Status = status,
        };
    }

    private static int Exit(HttpStatusCode status, string? code) => ((int)status, code) switch
    {
        ( >= 500, _) => ExitCodes.ServerError,
        (_, "USAGE" or "RESOURCE") => ExitCodes.Submission,
        (429, _) => ExitCodes.TryAgain,
        _ => ExitCodes.User,
    };

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject? answer, string name) =>
        answer?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
