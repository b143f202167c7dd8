using System.Text.Json.Nodes;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>A refusal, answered as a <c>Status</c> object.</summary>
public sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public TimeSpan? RetryAfter { get; init; }

    public JsonObject Status => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = reason,
        ["code"] = Code,
    };

    public static ApiException NotFound(ObjectKey key) => new(404, "NotFound", $"{key} not found");

    public static ApiException AlreadyExists(ObjectKey key) => new(409, "AlreadyExists", $"{key} already exists");

    public static ApiException Conflict(ObjectKey key) => new(
        409, "Conflict", $"Operation cannot be fulfilled on {key}: the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Invalid(ObjectKey key, string why) => new(422, "Invalid", $"{key.Resource.Kind} \"{key.Name}\" is invalid: {why}");

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Expired(string message) => new(410, "Expired", message);
}
