using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Connection;

/// <summary>Logs in and opens the operator's connections (contract: backend-protocol §2).</summary>
internal sealed class ServiceConnector(BackendOperatorOptions options, HttpClient http, ConnectionBoard board, TimeProvider time)
{
    public static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    private const string AgentPath = "/api/agent/";

    /// <summary>For a frame of up to <see cref="BackendLimits.JobDocumentBytesMax"/>.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(5);

    /// <summary>For a report of leftovers, of which many workflows are asked in turn.</summary>
    private static readonly TimeSpan TellTimeout = TimeSpan.FromMinutes(1);

    private readonly string _name = Guid.NewGuid().ToString("N");
    private long _connections;

    /// <summary>Opens <c>/api/agent/&lt;path&gt;/backend/&lt;name&gt;</c>.</summary>
    /// <param name="lane">Counts the connections of that path which are open side by side, from 1.</param>
    /// <exception cref="Exception">One for which <see cref="IsConnectionFailure"/> holds.</exception>
    public async Task<OperatorSocket> ConnectAsync(string path, int frameBytesMax, CancellationToken cancellation, int lane = 1)
    {
        using var timeout = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var (header, value) = await AuthorizeAsync(either.Token);
        GatheringStream? stream = null;
        var connections = new SocketsHttpHandler
        {
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(stream = new GatheringStream(context.PlaintextStream)),
        };
        var invoker = new HttpMessageInvoker(connections);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.SetRequestHeader(header, value);
            socket.Options.SetRequestHeader(WorkerFrame.AcceptsReferenceHeader, "1");
            socket.Options.SetRequestHeader(WorkerFrame.ConnectionHeader, $"{_name}-{lane}/{Interlocked.Increment(ref _connections)}");
            if (lane > 1)
            {
                socket.Options.SetRequestHeader(WorkerFrame.AdditionalHeader, "1");
            }

            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = options.PingPeriod;
            socket.Options.KeepAliveTimeout = options.PingPeriod;
            await socket.ConnectAsync(SocketUrl(path), invoker, either.Token);
            return new OperatorSocket(socket, ParallelJobs(socket), stream!, frameBytesMax, board.Up(path), invoker);
        }
        catch
        {
            socket.Dispose();
            invoker.Dispose();
            throw;
        }
    }

    /// <summary>The backend's node-condition rules as configured; null when the backend is not known yet.</summary>
    /// <exception cref="Exception">One for which <see cref="IsConnectionFailure"/> holds.</exception>
    public async Task<IReadOnlyDictionary<string, string>?> GetNodeRulesAsync(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var (header, value) = await AuthorizeAsync(either.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.ServiceUrl, $"/api/configs/backend/{options.Backend}"));
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await http.SendAsync(request, either.Token);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        var config = await response.Content.ReadFromJsonAsync(ConnectionJson.Default.BackendConfigAnswer, either.Token);
        return config?.NodeConditions?.Rules;
    }

    /// <summary>The frame of a job that was sent by reference.</summary>
    /// <exception cref="Exception">One for which <see cref="IsConnectionFailure"/> holds.</exception>
    public async Task<ReadOnlyMemory<byte>> GetFrameAsync(string path, CancellationToken cancellation)
    {
        // Wherever the path points to, the credentials go to the control plane only.
        if (!path.StartsWith(AgentPath, StringComparison.Ordinal))
        {
            throw new HttpRequestException($"A job's frame lies at '{path}'; allowed is a path below {AgentPath}.");
        }

        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var (header, value) = await AuthorizeAsync(either.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.ServiceUrl, path));
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(BackendLimits.JobDocumentBytesMax, either.Token);
        return await response.Content.ReadAsByteArrayAsync(either.Token);
    }

    /// <returns>False when the control plane knows no such route, as upstream's.</returns>
    /// <exception cref="Exception">One for which <see cref="IsConnectionFailure"/> holds.</exception>
    public async Task<bool> PostLeftoversAsync(LeftoverReport report, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(TellTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var (header, value) = await AuthorizeAsync(either.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.ServiceUrl, LeftoverReport.PathOf(options.Backend)));
        request.Headers.TryAddWithoutValidation(header, value);
        request.Content = new ByteArrayContent(report.Encode()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await http.SendAsync(request, either.Token);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        return true;
    }

    /// <summary>Whether trying again later may help: the one judge for all connections.</summary>
    public static bool IsConnectionFailure(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        WebSocketException or HttpRequestException or SocketException or TimeoutException or JsonException => true,
        IOException or UnauthorizedAccessException => true, // also of the token file, while it is being replaced
        _ => false,
    };

    private static int ParallelJobs(ClientWebSocket socket) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue(WorkerFrame.ParallelJobsHeader, out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var jobs)
            ? jobs
            : 1;

    private Uri SocketUrl(string path) =>
        new UriBuilder(options.ServiceUrl)
        {
            Scheme = options.ServiceUrl.Scheme == "https" ? "wss" : "ws",
            Path = $"/api/agent/{path}/backend/{options.Backend}",
            Query = "",
        }.Uri;

    private async Task<(string Header, string Value)> AuthorizeAsync(CancellationToken cancellation)
    {
        switch (options.Credential)
        {
            case OperatorCredential.Dev dev:
                return ("x-osmo-user", dev.UserName);
            case OperatorCredential.TokenFile file:
                var token = (await File.ReadAllTextAsync(file.Path, cancellation)).TrimEnd('\r', '\n');
                using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.ServiceUrl, "/api/auth/jwt/access_token")))
                {
                    request.Headers.UserAgent.Add(new ProductInfoHeaderValue("osmo-operator", options.Version));
                    request.Content = JsonContent.Create(new AccessTokenRequest(token), ConnectionJson.Default.AccessTokenRequest);
                    using var response = await http.SendAsync(request, cancellation);
                    response.EnsureSuccessStatusCode();
                    var answer = await response.Content.ReadFromJsonAsync(ConnectionJson.Default.AccessTokenAnswer, cancellation);
                    return ("Authorization", $"Bearer {answer?.Token ?? throw new JsonException("The login's answer has no token.")}");
                }

            default:
                throw new InvalidOperationException($"{options.Credential} is no credential.");
        }
    }
}

internal sealed record AccessTokenRequest(string Token);

internal sealed record AccessTokenAnswer(string? Token);

internal sealed record BackendConfigAnswer(NodeConditionsAnswer? NodeConditions);

internal sealed record NodeConditionsAnswer(Dictionary<string, string>? Rules);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AccessTokenRequest))]
[JsonSerializable(typeof(AccessTokenAnswer))]
[JsonSerializable(typeof(BackendConfigAnswer))]
internal sealed partial class ConnectionJson : JsonSerializerContext;
