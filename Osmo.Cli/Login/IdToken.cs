using System.Buffers.Text;
using System.Text.Json;

namespace Osmo.Cli.Login;

/// <summary>What the client reads from an ID token; whether it is genuine is for the service to check.</summary>
/// <param name="Expires">Null when the token does not say.</param>
/// <param name="Name">Empty when the token has none, as those that the service issues.</param>
internal sealed record IdToken(DateTimeOffset? Expires, string Name)
{
    /// <summary>The claims of a JSON Web Token; null when the text is none.</summary>
    public static IdToken? Parse(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (claims.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var hasExpiry = claims.RootElement.TryGetProperty("exp", out var expires) && expires.ValueKind == JsonValueKind.Number;
            var hasName = claims.RootElement.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String;
            return new IdToken(
                hasExpiry ? DateTimeOffset.UnixEpoch.AddSeconds(expires.GetDouble()) : null, hasName ? name.GetString()! : "");
        }
        catch (Exception error) when (error is FormatException or JsonException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
