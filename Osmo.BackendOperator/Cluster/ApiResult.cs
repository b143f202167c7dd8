namespace Osmo.BackendOperator.Cluster;

/// <summary>The answer of a cluster's API: a value, or why there is none.</summary>
public abstract record ApiResult<T>
{
    private ApiResult()
    {
    }

    public sealed record Ok(T Value) : ApiResult<T>;

    public sealed record Failed(ApiError Error) : ApiResult<T>;

    public static implicit operator ApiResult<T>(T value) => new Ok(value);

    public static implicit operator ApiResult<T>(ApiError error) => new Failed(error);
}

/// <summary>A refused or failed request; <paramref name="Message"/> names the object and the reason.</summary>
public sealed record ApiError(ApiFailure Failure, string Message)
{
    /// <summary>A refusal of which nobody knows yet whether it will last: the API server may not have read all roles and quotas since its start.</summary>
    public bool MayBeHasty { get; init; }

    /// <summary>How long the API server asks to be left alone; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The one judge of whether the same request may succeed later.</summary>
    public bool IsTransient => Failure is ApiFailure.TooManyRequests or ApiFailure.ServerError or ApiFailure.ConnectionBroken or ApiFailure.Unreachable;
}

public enum ApiFailure
{
    /// <summary>404.</summary>
    NotFound = 1,

    /// <summary>409 with reason AlreadyExists.</summary>
    AlreadyExists,

    /// <summary>409: another resource version.</summary>
    Conflict,

    /// <summary>410: the resource version asked for is too old; list again.</summary>
    Gone,

    /// <summary>401 or 403: identity, rights, quota or admission.</summary>
    Forbidden,

    /// <summary>400 or 422.</summary>
    Invalid,

    /// <summary>The API server knows no such apiVersion and kind.</summary>
    KindNotServed,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>500 and above.</summary>
    ServerError,

    /// <summary>The connection broke during the request; whether it took effect is unknown.</summary>
    ConnectionBroken,

    /// <summary>No connection could be made.</summary>
    Unreachable,
}
