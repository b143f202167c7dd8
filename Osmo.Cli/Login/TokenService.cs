using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Cli.Client;

namespace Osmo.Cli.Login;

/// <summary>
/// Gets ID tokens: from the service for a personal access token, from the identity provider for its refresh token (contract: auth §3).
/// </summary>
internal sealed class TokenService(HttpClient http, TimeProvider time)
{
    /// <summary>Longest wait for one answer.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Exchanges a personal access token for an ID token of the service.</summary>
    /// <exception cref="OsmoClientException">The service refused, or could not be reached.</exception>
    public async Task<string> Exchange(string url, string accessToken, CancellationToken cancellation)
    {
        var body = new JsonObject { ["token"] = accessToken }.ToJsonString();
        var answer = await Post(url, new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")), cancellation);
        return TextOf(answer, "token") ?? throw Incomplete(url, "token");
    }

    /// <summary>The same login with a fresh ID token.</summary>
    /// <exception cref="OsmoClientException">The login cannot be renewed; its message says how to go on.</exception>
    public async Task<Credentials.Token> Renew(Credentials.Token login, CancellationToken cancellation)
    {
        if (login.RefreshToken is null)
        {
            throw new OsmoClientException("The login has expired. Log in again with \"osmo login\".", ExitCodes.User);
        }

        try
        {
            return login.IsIssuedByService
                ? login with { IdToken = await Exchange(login.RefreshUrl, login.RefreshToken, cancellation) }
                : await RenewWithProvider(login, login.RefreshToken, cancellation);
        }
        catch (OsmoClientException error) when (error.Status is { } status && (int)status < 500)
        {
            throw new OsmoClientException(
                $"The login has expired and was not renewed: {error.Message} Log in again with \"osmo login\".", error.ExitCode, error);
        }
    }

    private async Task<Credentials.Token> RenewWithProvider(Credentials.Token login, string refreshToken, CancellationToken cancellation)
    {
        if (!login.RefreshUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw new OsmoClientException(
                $"The refresh URL must use HTTPS, not {login.RefreshUrl}. Log in again with \"osmo login\".", ExitCodes.User);
        }

        var fields = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken };
        if (login.ClientId is { } client)
        {
            fields.Add("client_id", client);
        }

        var answer = await Post(login.RefreshUrl, new FormUrlEncodedContent(fields), cancellation);
        return login with
        {
            IdToken = TextOf(answer, "id_token") ?? throw Incomplete(login.RefreshUrl, "id_token"),
            RefreshToken = TextOf(answer, "refresh_token") ?? refreshToken,
        };
    }

    private async Task<JsonObject?> Post(string url, HttpContent content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("osmo-cli", OsmoClient.Version));
        using var limit = new CancellationTokenSource(RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            return response.IsSuccessStatusCode ? JsonNode.Parse(text) as JsonObject
                : throw OsmoClientException.Of(response.StatusCode, text);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new OsmoClientException($"{url} did not answer within {RequestTimeout.TotalSeconds:0} s.", ExitCodes.ServerError, error);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            throw new OsmoClientException($"Cannot connect to {url}, with error: {error.Message}", ExitCodes.ServerError, error);
        }
        catch (JsonException error)
        {
            throw new OsmoClientException(
                $"Error decoding JSON: the answer of {url} is not JSON: {error.Message}", ExitCodes.ServerError, error);
        }
    }

    private static string? TextOf(JsonObject? answer, string name) =>
        answer?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static OsmoClientException Incomplete(string url, string field) =>
        new($"The answer of {url} has no '{field}'.", ExitCodes.ServerError);
}
