using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Osmo.EndToEnd.Tests;

internal sealed record Answer(HttpStatusCode Status, string Text)
{
    public JsonNode Json() => JsonNode.Parse(Text)!;
}

/// <summary>Somebody who talks to the service over HTTP.</summary>
internal sealed class User : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="receiveBuffer">Bytes that the system takes in before the reader asks for them; null: as many as it likes.</param>
    public User(int port, string name, int? receiveBuffer = null)
    {
        Name = name;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (receiveBuffer is { } bytes)
                {
                    socket.ReceiveBufferSize = bytes;
                }

                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = StandaloneProcess.Limit,
        };
        _http.DefaultRequestHeaders.Add("x-osmo-user", name);
    }

    public string Name { get; }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Answer> Post(string path, JsonNode? body = null) => Send(HttpMethod.Post, path, body);

    public async Task<JsonNode> Read(string path)
    {
        var answer = await Get(path);
        Assert.True(answer.Status == HttpStatusCode.OK, $"GET {path}: {answer}");
        return answer.Json();
    }

    /// <summary>Submits, whatever comes of it.</summary>
    public Task<Answer> TrySubmit(string spec, string pool = "default") =>
        Post($"/api/pool/{pool}/workflow", new JsonObject { ["file"] = spec });

    /// <returns>The workflow's id.</returns>
    public async Task<string> Submit(string spec)
    {
        var answer = await TrySubmit(spec);
        Assert.True(answer.Status == HttpStatusCode.OK, $"Submit: {answer}");
        return answer.Json()["name"]!.GetValue<string>();
    }

    public Task<JsonNode> Workflow(string id) => Read($"/api/workflow/{id}");

    /// <summary>Follows the log to its end, which is that of the workflow.</summary>
    public async Task<string> Logs(string id)
    {
        var answer = await Get($"/api/workflow/{id}/logs");
        Assert.True(answer.Status == HttpStatusCode.OK, $"Logs of {id}: {answer}");
        return answer.Text;
    }

    /// <summary>Waits for the end of a workflow.</summary>
    public async Task<JsonNode> End(string id)
    {
        await Logs(id);
        return await Workflow(id);
    }

    /// <summary>An open stream of text; reading it is up to the caller.</summary>
    public Task<Stream> Open(string path) => _http.GetStreamAsync(path);

    /// <summary>Lines as they come.</summary>
    public async IAsyncEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(await Open(path), Encoding.UTF8);
        while (await reader.ReadLineAsync() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Follows a log until a line says this.</summary>
    public async Task Line(string id, string text)
    {
        await foreach (var line in Lines($"/api/workflow/{id}/logs"))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The log of {id} ended without '{text}'.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer> Send(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await _http.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
