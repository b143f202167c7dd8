using System.Text;
using System.Text.Json;
using Osmo.Protocol.Runtime;

namespace Osmo.Protocol.Tests.Runtime;

public class RefreshTokenTests
{
    [Fact]
    public void Bodies_BothWaysOfEncoding_Agree()
    {
        var request = new RefreshTokenRequest("to\"ken");
        var response = new RefreshTokenResponse("jwt", 1_800_000_000);

        Assert.Equal(request, JsonSerializer.Deserialize(request.Encode(), RefreshTokenJson.Default.RefreshTokenRequest));
        Assert.Equal(response, RefreshTokenResponse.Decode(JsonSerializer.SerializeToUtf8Bytes(response, RefreshTokenJson.Default.RefreshTokenResponse)));
        Assert.Equal("""{"token":"jwt","expires_at":1800000000}""", JsonSerializer.Serialize(response, RefreshTokenJson.Default.RefreshTokenResponse));
    }

    [Theory]
    [InlineData("""{"error":"FINISHED","detail":{}}""", "FINISHED")]
    [InlineData("""{"detail":{"error":"FINISHED"}}""", null)]
    [InlineData("""{"error":5}""", null)]
    public void Refusal_Body_TakesTopLevelErrorOnly(string body, string? error) =>
        Assert.Equal(error, RefreshTokenRefusal.Decode(Encoding.UTF8.GetBytes(body)).Error);

    [Theory]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"expires_at":1}""", "member token")]
    [InlineData("""{"token":"x","expires_at":"soon"}""", "member expires_at")]
    public void Response_BadBody_NamesTheMember(string body, string error) => Assert.Contains(
        error, Assert.ThrowsAny<JsonException>(() => RefreshTokenResponse.Decode(Encoding.UTF8.GetBytes(body))).Message, StringComparison.Ordinal);
}
