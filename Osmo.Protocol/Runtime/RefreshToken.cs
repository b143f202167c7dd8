using System.Text.Json.Serialization;

namespace Osmo.Protocol.Runtime;

/// <summary>Body of the token refresh: the refresh token, byte for byte (contract: runtime-protocol §6).</summary>
public sealed record RefreshTokenRequest([property: JsonPropertyName("token")] string Token);

/// <summary>Answer 200 to the token refresh.</summary>
/// <param name="Token">The JWT.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record RefreshTokenResponse(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expires_at")] long ExpiresAt);

/// <summary>Refusal of the token refresh that the runtime understands: <see cref="Pending"/> or <see cref="Finished"/>, at top level.</summary>
public sealed record RefreshTokenRefusal([property: JsonPropertyName("error")] string? Error)
{
    /// <summary>Not yet; ask again.</summary>
    public const string Pending = "PENDING";

    /// <summary>The task is over.</summary>
    public const string Finished = "FINISHED";
}

[JsonSerializable(typeof(RefreshTokenRequest))]
[JsonSerializable(typeof(RefreshTokenResponse))]
[JsonSerializable(typeof(RefreshTokenRefusal))]
public sealed partial class RefreshTokenJson : JsonSerializerContext;
