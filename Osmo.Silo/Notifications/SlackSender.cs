using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Silo.Notifications;

/// <summary>
/// Messages on Slack (contract: lifecycle §21): with an app's token to the user whose mail address is the user's name; with the URL of an
/// incoming webhook, of Slack or of what is compatible with it, to wherever that leads.
/// </summary>
internal sealed class SlackSender : IDisposable
{
    private static readonly Uri PublicApi = new("https://slack.com/api/");

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Slack answers with little; more is no answer of Slack's.</summary>
    private const int AnswerBytesMax = 1 << 20;

    private readonly HttpClient _http;
    private readonly Uri _api;

    /// <param name="api">Where the methods of the Web API are; null: Slack's own.</param>
    public SlackSender(Uri? api = null)
    {
        _api = api ?? PublicApi;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = ConnectionLifetime })
        {
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    public void Dispose() => _http.Dispose();

    public Task<string?> Send(Notification.Slack message, Secret token, CancellationToken cancellation) =>
        Uri.TryCreate(token.Reveal(), UriKind.Absolute, out var webhook) && webhook.Scheme is "https" or "http"
            ? Post(webhook!, message, cancellation)
            : SendDirectly(message, token.Reveal(), cancellation);

    private async Task<string?> Post(Uri webhook, Notification.Slack message, CancellationToken cancellation)
    {
        using var content = Json(Body(message));
        using var response = await _http.PostAsync(webhook, content, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return null;
        }

        ThrowIfTransient(response);
        return $"the webhook answered {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}";
    }

    private async Task<string?> SendDirectly(Notification.Slack message, string token, CancellationToken cancellation)
    {
        var lookUp = new Uri(_api, $"users.lookupByEmail?email={Uri.EscapeDataString(message.Recipient)}");
        using var find = new HttpRequestMessage(HttpMethod.Get, lookUp);
        var found = await Call(find, token, cancellation);
        if (found.Refusal is not null || (string?)found.Answer?["user"]?["id"] is not { } user)
        {
            return found.Refusal ?? "users.lookupByEmail named no user";
        }

        var body = Body(message);
        body["channel"] = user;
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(_api, "chat.postMessage")) { Content = Json(body) };
        return (await Call(post, token, cancellation)).Refusal;
    }

    /// <summary>Slack says in the body of a 200 what went wrong.</summary>
    private async Task<(JsonNode? Answer, string? Refusal)> Call(HttpRequestMessage request, string token, CancellationToken cancellation)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request, cancellation);
        ThrowIfTransient(response);
        var method = request.RequestUri!.Segments[^1];
        if (!response.IsSuccessStatusCode)
        {
            return (null, $"{method} answered {(int)response.StatusCode}");
        }

        try
        {
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation));
            return (bool?)answer?["ok"] == true ? (answer, null) : (null, $"{method} answered {(string?)answer?["error"] ?? "nothing"}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return (null, $"{method} did not answer as Slack does");
        }
    }

    private static void ThrowIfTransient(HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError)
        {
            throw new HttpRequestException($"Slack answered {(int)response.StatusCode}.", null, response.StatusCode);
        }
    }

    private static JsonObject Body(Notification.Slack message) => new()
    {
        ["text"] = message.Text,
        ["blocks"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "section",
                ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = message.Section },
                ["accessory"] = new JsonObject
                {
                    ["type"] = "button",
                    ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = "Overview" },
                    ["url"] = message.Link,
                },
            }),
    };

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
