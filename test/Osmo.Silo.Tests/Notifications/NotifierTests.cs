using System.Collections.Concurrent;
using System.Net.Mail;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Osmo.Silo.Notifications;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Silo.Tests.Notifications;

/// <summary>Mail and Slack as their servers see them (contract: lifecycle §21).</summary>
public sealed class NotifierTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly Notification.Mail Mail = new("uuid-mail", "ann@example.com", "[OSMO][w-1] status = FAILED", "<html><body>w-1</body></html>");

    private static readonly Notification.Slack Slack = new("uuid-slack", "ann@example.com", "text", ":x: Workflow", "http://host/workflows/w-1");

    [Fact]
    public async Task Mail_ToARelay_HasSubjectBodyAndAnIdOfItsOwn()
    {
        await using var server = new SmtpTestServer();
        Assert.Null(await SendMail(Mail, server, password: ""));

        Assert.Contains("MAIL FROM:<osmo@example.org>", server.Lines);
        Assert.Contains("RCPT TO:<ann@example.com>", server.Lines);
        Assert.Contains("Subject: [OSMO][w-1] status = FAILED", server.Lines);
        Assert.Contains(server.Lines, line => line.Equals("Message-ID: <uuid-mail@example.org>", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Content-Type: text/html; charset=utf-8", server.Lines);
    }

    [Fact]
    public async Task Mail_WithAPassword_IsNotSentInClear()
    {
        await using var server = new SmtpTestServer();
        await Assert.ThrowsAsync<SmtpException>(() => SendMail(Mail, server, password: "secret"));
        Assert.DoesNotContain(server.Lines, line => line.StartsWith("AUTH", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("550 nobody", true)]
    [InlineData("451 later", false)]
    public async Task Mail_WhoseRecipientIsRefused_IsGivenUpOrTriedAgain(string answer, bool givenUp)
    {
        await using var server = new SmtpTestServer { Recipient = answer };
        if (givenUp)
        {
            Assert.NotNull(await SendMail(Mail, server, password: ""));
        }
        else
        {
            await Assert.ThrowsAnyAsync<SmtpException>(() => SendMail(Mail, server, password: ""));
        }
    }

    [Fact]
    public async Task User_WhoIsNoMailAddress_IsToldNothing() =>
        Assert.Equal("user ann is not a mail address", await new Notifier(new SlackSender()).Send(Mail with { Recipient = "ann" }, new(), default));

    [Fact]
    public async Task Slack_WithAToken_FindsTheUserAndWritesToThem()
    {
        await using var server = await SlackServer.Start(request => request.Path.Value!.EndsWith("users.lookupByEmail", StringComparison.Ordinal)
            ? (200, """{"ok":true,"user":{"id":"U1"}}""")
            : (200, """{"ok":true}"""));
        Assert.Null(await SendSlack(server, "xoxb-1"));

        var (lookUp, post) = (server.Requests.First(), server.Requests.Last());
        Assert.Equal(("/api/users.lookupByEmail?email=ann%40example.com", "Bearer xoxb-1"), (lookUp.Path, lookUp.Authorization));
        Assert.Equal(("/api/chat.postMessage", "Bearer xoxb-1"), (post.Path, post.Authorization));
        var body = JsonNode.Parse(post.Body)!;
        Assert.Equal(("U1", "text"), ((string?)body["channel"], (string?)body["text"]));
        Assert.Equal(":x: Workflow", (string?)body["blocks"]![0]!["text"]!["text"]);
        Assert.Equal(("Overview", "http://host/workflows/w-1"), (
            (string?)body["blocks"]![0]!["accessory"]!["text"]!["text"], (string?)body["blocks"]![0]!["accessory"]!["url"]));
    }

    [Fact]
    public async Task Slack_WithAWebhook_PostsThereWithoutToken()
    {
        await using var server = await SlackServer.Start(_ => (200, "ok"));
        Assert.Null(await SendSlack(server, $"{server.Address}hooks/T1"));
        var post = Assert.Single(server.Requests);
        Assert.Equal(("/hooks/T1", ""), (post.Path, post.Authorization));
        Assert.Equal("text", (string?)JsonNode.Parse(post.Body)!["text"]);
    }

    [Theory]
    [InlineData(200, """{"ok":false,"error":"users_not_found"}""", "users.lookupByEmail answered users_not_found")]
    [InlineData(200, "<html>", "users.lookupByEmail did not answer as Slack does")]
    [InlineData(404, "", "users.lookupByEmail answered 404")]
    [InlineData(429, "", null)]
    [InlineData(503, "", null)]
    public async Task Slack_ThatRefuses_IsGivenUpOrTriedAgain(int status, string body, string? refusal)
    {
        await using var server = await SlackServer.Start(_ => (status, body));
        if (refusal is null)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => SendSlack(server, "xoxb-1"));
        }
        else
        {
            Assert.Equal(refusal, await SendSlack(server, "xoxb-1"));
        }
    }

    private static async Task<string?> SendMail(Notification.Mail mail, SmtpTestServer server, string password)
    {
        var settings = new SmtpSettings { Host = server.Address, Sender = "osmo@example.org", Password = new Secret(password) };
        return await new Notifier(new SlackSender()).Send(mail, new WorkflowAlertsConfig { SmtpSettings = settings }, default).WaitAsync(Patience);
    }

    private static async Task<string?> SendSlack(SlackServer server, string token)
    {
        using var sender = new SlackSender(new Uri(server.Address + "api/"));
        return await new Notifier(sender).Send(Slack, new WorkflowAlertsConfig { SlackToken = new Secret(token) }, default).WaitAsync(Patience);
    }
}

internal sealed record SlackRequest(string Path, string Authorization, string Body);

/// <summary>An HTTP server that answers as it is told.</summary>
internal sealed class SlackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SlackServer(WebApplication app) => _app = app;

    public ConcurrentQueue<SlackRequest> Requests { get; } = new();

    public string Address => _app.Urls.Single() + "/";

    public static async Task<SlackServer> Start(Func<HttpRequest, (int Status, string Body)> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = new SlackServer(builder.Build());
        server._app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            server.Requests.Enqueue(new SlackRequest(
                context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization.ToString(), await body.ReadToEndAsync()));
            var (status, text) = answer(context.Request);
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(text);
        });
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
