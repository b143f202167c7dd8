using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Cli.Client;

/// <summary>Exit codes of <c>osmo</c> (contract: cli §7).</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A specification or its submission was refused.</summary>
    public const int Submission = 1;

    /// <summary>Any other fault of the user.</summary>
    public const int User = 2;

    /// <summary>The service failed or could not be reached.</summary>
    public const int ServerError = 10;

    /// <summary>Too many requests; try again later.</summary>
    public const int TryAgain = 75;
}

/// <summary>Something went wrong between client and service; the message is for the user.</summary>
public sealed class OsmoClientException(string message, int exitCode, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary><c>error_code</c> of the answer, if it had one (contract: api-rest §4.2).</summary>
    public string? ErrorCode { get; init; }

    public string? WorkflowId { get; init; }

    public HttpStatusCode? Status { get; init; }

    /// <summary>A text stream ended before its end.</summary>
    public bool StreamCut { get; init; }

    /// <summary>What an answer other than 200 means (contract: api-rest §4.3).</summary>
    public static OsmoClientException Of(HttpStatusCode status, string body)
    {
        var answer = Parse(body);
        var code = Text(answer, "error_code");
        var message = Text(answer, "message") ?? (body.Length > 0 ? body : $"HTTP {(int)status}");
        return new OsmoClientException(message, Exit(status, code)) { ErrorCode = code, WorkflowId = Text(answer, "workflow_id"), Status = status };
    }

    private static int Exit(HttpStatusCode status, string? code) => (int)status switch
    {
        >= 500 => ExitCodes.ServerError,
        429 => ExitCodes.TryAgain,
        _ => code is "USAGE" or "RESOURCE" or "CREDENTIAL" ? ExitCodes.Submission : ExitCodes.User,
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

    private static string? Text(JsonObject? answer, string name) => answer?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
