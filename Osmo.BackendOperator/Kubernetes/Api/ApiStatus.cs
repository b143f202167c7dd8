using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.BackendOperator.Cluster;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>A <c>Status</c> object: how an API server says no.</summary>
internal sealed record ApiStatus(string? Message = null, string? Reason = null, int Code = 0)
{
    private const int BodyBytesMax = 64 << 10;

    private const int ForeignTextMax = 200;

    private const string NotReady = "not yet ready to handle request";

    /// <param name="what">The request, for answers that do not say what they are about.</param>
    public static async Task<ApiError> ReadErrorAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var body = new byte[BodyBytesMax];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var length = await stream.ReadAtLeastAsync(body, BodyBytesMax, throwOnEndOfStream: false, cancellation);
        return Read(body.AsSpan(0, length)) is { } status
            ? (status with { Code = (int)response.StatusCode }).ToError(what)
            // A proxy in between has no Status.
            : new ApiStatus($"{what}: HTTP {(int)response.StatusCode}: {Start(body.AsSpan(0, length))}", null, (int)response.StatusCode).ToError(what);
    }

    public ApiError ToError(string what) =>
        new(FailureOf(), string.IsNullOrEmpty(Message) ? $"{what}: HTTP {Code} {Reason}" : Message) { MayBeHasty = Code == 403 && IsHasty(Message) };

    /// <summary>Only by its words can a refusal of rights, or one because admission is not ready, be told from those of quotas and policies.</summary>
    private static bool IsHasty(string? message) => message is not null
        && (message.Contains(NotReady, StringComparison.Ordinal)
            || (message.Contains("User \"", StringComparison.Ordinal) && message.Contains("\" cannot ", StringComparison.Ordinal)));

    private ApiFailure FailureOf() => (Code, Reason) switch
    {
        // Of an object it is said that it is not found, by its name.
        (404, _) when Message?.Contains("could not find the requested resource", StringComparison.Ordinal) == true => ApiFailure.KindNotServed,
        (404, _) => ApiFailure.NotFound,
        (409, "AlreadyExists") => ApiFailure.AlreadyExists,
        (409, _) => ApiFailure.Conflict,
        (410, _) => ApiFailure.Gone,
        (401 or 403, _) => ApiFailure.Forbidden,
        (429, _) => ApiFailure.TooManyRequests,
        ( >= 500, _) => ApiFailure.ServerError,
        _ => ApiFailure.Invalid,
    };

    private static ApiStatus? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var status = JsonSerializer.Deserialize(body, StatusJson.Default.ApiStatus);
            return status is { Message: not null } or { Reason: not null } ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Start(ReadOnlySpan<byte> body)
    {
        var text = System.Text.Encoding.UTF8.GetString(body).Trim();
        return text.Length > ForeignTextMax ? text[..ForeignTextMax] : text;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
