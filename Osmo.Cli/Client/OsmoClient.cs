using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Cli.Client;

/// <summary>Who the client is (contract: api-rest §3.1).</summary>
public abstract record ClientIdentity
{
    private ClientIdentity() { }

    /// <summary>By name, for a service in development mode.</summary>
    public sealed record Development(string User) : ClientIdentity;

    /// <summary>By a token of the service or of the identity provider.</summary>
    public sealed record Bearer(string Token) : ClientIdentity;
}

/// <summary>The service as the CLI sees it: requests, answers as JSON, errors as <see cref="OsmoClientException"/>.</summary>
public sealed class OsmoClient
{
    /// <summary>Version of the API this client speaks (contract: api-rest §5).</summary>
    public const string Version = "6.4.0";

    private readonly HttpClient _http;
    private readonly Uri _base;
    private readonly ClientIdentity? _identity;

    /// <param name="baseUrl">Scheme, host and port of the service; a path is kept as prefix.</param>
    /// <param name="identity">Null for routes that need none.</param>
    public OsmoClient(HttpClient http, Uri baseUrl, ClientIdentity? identity)
    {
        _http = http;
        _base = new Uri(baseUrl.ToString().TrimEnd('/') + "/");
        _identity = identity;
    }

    /// <summary>One JSON request; the answer is never null unless it is the literal <c>null</c>.</summary>
    /// <exception cref="OsmoClientException">The service refused, failed, or could not be reached.</exception>
    public async Task<JsonNode?> Send(HttpMethod method, string path, QueryString query, JsonNode? body, CancellationToken cancellation)
    {
        using var request = Request(method, path, query);
        request.Content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await Reach(request, HttpCompletionOption.ResponseContentRead, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw OsmoClientException.Of(response.StatusCode, text);
        }

        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new OsmoClientException($"The answer to {method} {path} is not JSON: {error.Message}", ExitCodes.ServerError, error);
        }
    }

    public Task<JsonNode?> Get(string path, QueryString query, CancellationToken cancellation) => Send(HttpMethod.Get, path, query, null, cancellation);

    /// <summary>Lines of a text stream as they arrive; ends when the service ends it (contract: api-rest §9).</summary>
    /// <exception cref="OsmoClientException">The service refused, or the stream was cut (<see cref="OsmoClientException.StreamCut"/>).</exception>
    public async IAsyncEnumerable<string> Lines(string path, QueryString query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Get, path, query);
        using var response = await Reach(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw OsmoClientException.Of(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await NextLine(reader, cancellation) is { } line)
        {
            yield return line;
        }
    }

    private static async Task<string?> NextLine(StreamReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadLineAsync(cancellation);
        }
        catch (Exception error) when (error is HttpIOException or IOException)
        {
            throw new OsmoClientException("The stream was cut.", ExitCodes.ServerError, error) { StreamCut = true };
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, QueryString query)
    {
        var request = new HttpRequestMessage(method, new Uri(_base, path.TrimStart('/') + query));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("osmo-cli", Version));
        request.Headers.Add("x-osmo-client-version", Version);
        switch (_identity)
        {
            case ClientIdentity.Development development:
                request.Headers.Add("x-osmo-user", development.User);
                break;
            case ClientIdentity.Bearer bearer:
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Token);
                break;
        }

        return request;
    }

    private async Task<HttpResponseMessage> Reach(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, completion, cancellation);
        }
        catch (HttpRequestException error)
        {
            throw new OsmoClientException($"The service at {_base} cannot be reached: {error.Message}", ExitCodes.ServerError, error);
        }
        catch (TaskCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new OsmoClientException($"The service at {_base} did not answer in time.", ExitCodes.ServerError, error);
        }
    }
}
