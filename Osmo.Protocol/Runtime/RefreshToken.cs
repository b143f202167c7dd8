using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Runtime;

/// <summary>Body of the token refresh: the refresh token, byte for byte (contract: runtime-protocol §6).</summary>
public sealed record RefreshTokenRequest([property: JsonPropertyName("token")] string Token)
{
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("token"u8, Token);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(RefreshTokenRequest);
}

/// <summary>Answer 200 to the token refresh.</summary>
/// <param name="Token">The JWT.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record RefreshTokenResponse(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expires_at")] long ExpiresAt)
{
    /// <exception cref="JsonException">Says which member is missing or wrong.</exception>
    public static RefreshTokenResponse Decode(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("the answer must be a JSON object.");
        var token = root.TryGetProperty("token", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new JsonException("member token must be a string.");
        return root.TryGetProperty("expires_at", out var number)
            && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt64(out var expiresAt)
            ? new RefreshTokenResponse(token, expiresAt)
            : throw new JsonException("member expires_at must be an integer.");
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(RefreshTokenResponse)} until {ExpiresAt}";
}

/// <summary>
/// Refusal of the token refresh that the runtime understands: <see cref="Pending"/> or <see cref="Finished"/>, at top level.
/// </summary>
public sealed record RefreshTokenRefusal([property: JsonPropertyName("error")] string? Error)
{
    /// <summary>Not yet; ask again.</summary>
    public const string Pending = "PENDING";

    /// <summary>The task is over.</summary>
    public const string Finished = "FINISHED";

    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static RefreshTokenRefusal Decode(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("the answer must be a JSON object.");
        var known = document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String;
        return new RefreshTokenRefusal(known ? error.GetString() : null);
    }
}

/// <summary>For servers; the runtime, which must start fast, uses the records' own methods.</summary>
[JsonSerializable(typeof(RefreshTokenRequest))]
[JsonSerializable(typeof(RefreshTokenResponse))]
[JsonSerializable(typeof(RefreshTokenRefusal))]
public sealed partial class RefreshTokenJson : JsonSerializerContext;
