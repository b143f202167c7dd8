using System.Net.Http.Headers;
using System.Text.Json;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>A try to get a token that failed and may be repeated.</summary>
internal sealed class TokenRefusedException(string message) : Exception(message);

/// <summary>The JWT of the task, fetched with its refresh token when the last one expired (contract: runtime-protocol §6).</summary>
internal sealed class AccessToken(HttpMessageInvoker http, Uri address, string refreshTokenFile, TimeProvider time)
{
    private const int MaximumAnswerBytes = 1024 * 1024;

    private RefreshTokenResponse _current = new("", 0);

    /// <summary>The token; empty when the server refused to give one in a way that upstream's runtime takes for "none needed".</summary>
    /// <exception cref="TokenRefusedException">Not now; ask again.</exception>
    /// <exception cref="HttpRequestException">The server is out of reach.</exception>
    /// <exception cref="CtrlFailure">The refresh token cannot be read.</exception>
    public async Task<string> Get(CancellationToken cancellation)
    {
        if (time.GetUtcNow().ToUnixTimeSeconds() <= _current.ExpiresAt)
            return _current.Token;
        var body = new RefreshTokenRequest(ReadRefreshToken()).Encode();
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, cancellation);
        if (response.Content.Headers.ContentLength > MaximumAnswerBytes)
            throw new TokenRefusedException($"Token refresh: the answer is longer than {MaximumAnswerBytes} bytes.");
        var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        Interpret((int)response.StatusCode, answer);
        return _current.Token;
    }

    /// <summary>The server does not take it: its clock may be ahead of ours, or its key be new.</summary>
    public void Forget() => _current = new("", 0);

    private void Interpret(int status, byte[] answer)
    {
        try
        {
            if (status == 200)
            {
                _current = RefreshTokenResponse.Decode(answer);
                return;
            }

            switch (RefreshTokenRefusal.Decode(answer).Error)
            {
                case RefreshTokenRefusal.Pending:
                    throw new TokenRefusedException("Token refresh: not yet.");
                case RefreshTokenRefusal.Finished:
                    throw new TokenRefusedException("Token refresh: the task is finished.");
            }
        }
        catch (JsonException exception)
        {
            throw new TokenRefusedException($"Token refresh: the answer with status {status} is not as expected: {exception.Message}");
        }
    }

    private string ReadRefreshToken()
    {
        try
        {
            return File.ReadAllText(refreshTokenFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CtrlFailure(CtrlExitCode.Token, $"Refresh token cannot be read: {exception.Message}", exception);
        }
    }
}
