using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Cli.Client;

/// <summary>
/// The service as the CLI sees it: requests, answers as JSON, errors as <see cref="OsmoClientException"/> (contract: cli §8).
/// </summary>
public sealed class OsmoClient
{
    /// <summary>Version of the API this client speaks (contract: api-rest §5).</summary>
    public const string Version = "6.4.0";

    /// <summary>How often a request is sent again after its first failure.</summary>
    public const int RetriesMax = 5;

    private const int StreamBufferChars = 4096;

    private readonly HttpClient _http;
    private readonly Uri _base;
    private readonly Func<CancellationToken, ValueTask<ClientIdentity?>> _identify;

    /// <param name="http">Its own time-out should be infinite, because streams have none.</param>
    /// <param name="baseUrl">Scheme, host and port of the service; a path is kept as prefix.</param>
    /// <param name="identity">Null for routes that need none.</param>
    public OsmoClient(HttpClient http, Uri baseUrl, ClientIdentity? identity)
        : this(http, baseUrl, _ => ValueTask.FromResult(identity))
    {
    }

    /// <param name="identify">Asked before every request, so that a token can be renewed.</param>
    public OsmoClient(HttpClient http, Uri baseUrl, Func<CancellationToken, ValueTask<ClientIdentity?>> identify)
    {
        _http = http;
        _base = new Uri(baseUrl.ToString().TrimEnd('/') + "/");
        _identify = identify;
    }

    /// <summary>Whether requests say which version the client has; the service refuses versions that are too old.</summary>
    public bool AnnouncesVersion { get; init; } = true;

    /// <summary>How often a failed request is sent again, 0 to <see cref="RetriesMax"/>.</summary>
    public int Retries { get; init; } = RetriesMax;

    /// <summary>Longest wait for one answer; streams have none.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told what the service wants the user to know, such as that a newer client exists (contract: cli §9).</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Told of every answer: request, status, milliseconds.</summary>
    public Action<string>? OnExchange { get; init; }

    /// <summary>One JSON request; the answer is never null unless it is the literal <c>null</c>.</summary>
    /// <exception cref="OsmoClientException">The service refused, failed, or could not be reached.</exception>
    public async Task<JsonNode?> Send(HttpMethod method, string path, QueryString query, JsonNode? body, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(RequestTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await Reach(method, path, query, body, HttpCompletionOption.ResponseContentRead, either.Token);
            return Parse(await response.Content.ReadAsStringAsync(either.Token), method, path);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new OsmoClientException(
                $"The service at {_base} did not answer {method} {path} within {RequestTimeout.TotalSeconds:0} s.",
                ExitCodes.ServerError,
                error);
        }
    }

    public Task<JsonNode?> Get(string path, QueryString query, CancellationToken cancellation) =>
        Send(HttpMethod.Get, path, query, null, cancellation);

    public Task<JsonNode?> Post(string path, QueryString query, JsonNode? body, CancellationToken cancellation) =>
        Send(HttpMethod.Post, path, query, body, cancellation);

    /// <summary>Lines of a text stream as they arrive; ends when the service ends it (contract: api-rest §9).</summary>
    /// <exception cref="OsmoClientException">The service refused, or <see cref="OsmoClientException.StreamCut"/>.</exception>
    public async IAsyncEnumerable<string> Lines(string path, QueryString query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await Reach(HttpMethod.Get, path, query, null, HttpCompletionOption.ResponseHeadersRead, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await Unbroken(reader.ReadLineAsync(cancellation)) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>
    /// A text stream in pieces, as they arrive and as they are: a piece may end inside a line. Bytes that are no UTF-8 are replaced.
    /// </summary>
    /// <exception cref="OsmoClientException">The service refused, or <see cref="OsmoClientException.StreamCut"/>.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<char>> Text(
        string path, QueryString query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await Reach(HttpMethod.Get, path, query, null, HttpCompletionOption.ResponseHeadersRead, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        var buffer = new char[StreamBufferChars];
        while (await Unbroken(reader.ReadAsync(buffer, cancellation)) is var read and > 0)
        {
            yield return buffer.AsMemory(0, read);
        }
    }

    private static async ValueTask<T> Unbroken<T>(ValueTask<T> read)
    {
        try
        {
            return await read;
        }
        catch (IOException error)
        {
            throw new OsmoClientException("The stream was cut.", ExitCodes.ServerError, error) { StreamCut = true };
        }
    }

    private static JsonNode? Parse(string text, HttpMethod method, string path)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new OsmoClientException(
                $"Error decoding JSON: the answer to {method} {path} is not JSON: {error.Message}", ExitCodes.ServerError, error);
        }
    }

    /// <summary>An answer with status 200, after as many attempts as <see cref="RetryRule"/> grants.</summary>
    private async Task<HttpResponseMessage> Reach(
        HttpMethod method, string path, QueryString query, JsonNode? body, HttpCompletionOption completion, CancellationToken cancellation)
    {
        for (var retriesLeft = Retries; ; retriesLeft--)
        {
            using var request = await Request(method, path, query, body, cancellation);
            TimeSpan pause;
            try
            {
                var response = await Answer(request, completion, cancellation);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return response;
                }

                using (response)
                {
                    if (retriesLeft == 0 || RetryRule.PauseAfter(response, Time) is not { } told)
                    {
                        throw OsmoClientException.Of(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
                    }

                    pause = told;
                }
            }
            catch (HttpRequestException error)
            {
                if (retriesLeft == 0 || !RetryRule.Allows(method, error))
                {
                    throw new OsmoClientException(
                        $"Cannot connect to OSMO service, with error: {_base} {error.Message}", ExitCodes.ServerError, error);
                }

                pause = TimeSpan.Zero;
            }

            await Task.Delay(pause, Time, cancellation);
        }
    }

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, completion, cancellation);
        }
        catch (SocketException error)
        {
            // HttpClient lets this one through as it is: a connection that was reset in the moment it was made.
            throw new HttpRequestException(HttpRequestError.ConnectionError, error.Message, error);
        }
    }

    private async Task<HttpResponseMessage> Answer(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        var started = Time.GetTimestamp();
        var response = await Send(request, completion, cancellation);
        OnExchange?.Invoke(
            $"{request.Method} {request.RequestUri} {(int)response.StatusCode} {Time.GetElapsedTime(started).TotalMilliseconds:0} ms");
        if (OnNotice is not null && ServiceNotice.Of(response) is { } notice)
        {
            OnNotice(notice);
        }

        return response;
    }

    private async Task<HttpRequestMessage> Request(
        HttpMethod method, string path, QueryString query, JsonNode? body, CancellationToken cancellation)
    {
        var identity = await _identify(cancellation);
        var request = new HttpRequestMessage(method, new Uri(_base, path.TrimStart('/') + query))
        {
            Content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("osmo-cli", Version));
        if (AnnouncesVersion)
        {
            request.Headers.Add("x-osmo-client-version", Version);
        }

        switch (identity)
        {
            case ClientIdentity.Development development:
                request.Headers.Add("x-osmo-user", development.User);
                break;
            case ClientIdentity.Bearer bearer:
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Token);
                if (bearer.User is { } user)
                {
                    request.Headers.Add("x-osmo-user", user);
                }

                break;
        }

        return request;
    }
}
