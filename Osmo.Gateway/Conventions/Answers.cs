using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Osmo.Grains.Interfaces;

namespace Osmo.Gateway.Conventions;

/// <summary>The answers there are: 200 with JSON, or one of the error shapes (contract: api-rest §2.1, §4).</summary>
public static class Answers
{
    public const string Json = "application/json";

    /// <summary>What routes answer that have nothing to say; clients parse every body.</summary>
    public static IResult Null { get; } = Results.Text("null", Json);

    public static IResult Ok<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type, Json, StatusCodes.Status200OK);

    /// <summary>A refusal of the domain; <paramref name="workflowId"/> names the workflow it is about, when there is one.</summary>
    public static IResult Refused(Refusal refusal, string? workflowId = null, int status = StatusCodes.Status400BadRequest) =>
        Refused(refusal.ErrorCode, refusal.Message, workflowId, status);

    public static IResult Refused(
        string errorCode, string message, string? workflowId = null, int status = StatusCodes.Status400BadRequest) =>
        Results.Json(new ErrorAnswer(message, errorCode, workflowId), GatewayJson.Default.ErrorAnswer, Json, status);

    public static IResult WorkflowNotFound(string name) => Refused(ErrorCodes.Database, $"Workflow {name} is not found.");

    public static IResult TaskNotFound(string workflowId, string task) =>
        Refused(ErrorCodes.Database, $"Task {task} of workflow {workflowId} is not found.");

    /// <summary>An error of HTTP itself, such as an unknown route.</summary>
    public static IResult Detail(int status, string detail) =>
        Results.Json(new DetailAnswer(detail), GatewayJson.Default.DetailAnswer, Json, status);

    public static IResult Unprocessable(IReadOnlyList<RequestError> errors)
    {
        var detail = new JsonArray();
        foreach (var error in errors)
        {
            detail.Add(new JsonObject
            {
                ["type"] = error.Type,
                ["loc"] = error.Location.DeepClone(),
                ["msg"] = error.Message,
                ["input"] = error.Input?.DeepClone(),
            });
        }

        return Results.Text(
            new JsonObject { ["detail"] = detail }.ToJsonString(), Json, statusCode: StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>A failure of the service.</summary>
    public static IResult Failed(string message) =>
        Results.Json(
            new FailureAnswer($"Internal server error: {message}"),
            GatewayJson.Default.FailureAnswer,
            Json,
            StatusCodes.Status500InternalServerError);

    /// <summary>A failure of the service that passes.</summary>
    public static IResult Unavailable(string message) =>
        Results.Json(new FailureAnswer(message), GatewayJson.Default.FailureAnswer, Json, StatusCodes.Status503ServiceUnavailable);
}

/// <summary>Contract: api-rest §4.2.</summary>
public static class ErrorCodes
{
    public const string User = "USER";
    public const string Usage = "USAGE";
    public const string Resource = "RESOURCE";
    public const string Submission = "SUBMISSION";
    public const string Database = "DATABASE";
    public const string Other = "OSMO_ERROR";
}

public sealed record ErrorAnswer(string Message, string ErrorCode, string? WorkflowId);

public sealed record DetailAnswer(string Detail);

public sealed record FailureAnswer(string Message);
