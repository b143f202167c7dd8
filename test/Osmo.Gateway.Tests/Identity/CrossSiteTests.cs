using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;

namespace Osmo.Gateway.Tests.Identity;

public sealed class CrossSiteTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    private int Port => _gateway.Client.BaseAddress!.Port;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("Host", "rebound.example.com", "Host is 'rebound.example.com'")]
    [InlineData("Host", "rebound.example.com:{port}", "Host is 'rebound.example.com:{port}'")]
    [InlineData("Host", "localhost.example.com", "Host is 'localhost.example.com'")]
    [InlineData("Host", "10.0.0.1:{port}", "Host is '10.0.0.1:{port}'")]
    [InlineData("Origin", "https://example.com", "Origin is 'https://example.com'")]
    [InlineData("Origin", "http://127.0.0.1:1", "Origin is 'http://127.0.0.1:1'")]
    [InlineData("Origin", "http://localhost:{port}", "Origin is 'http://localhost:{port}'")]
    [InlineData("Origin", "null", "Origin is 'null'")]
    [InlineData("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Site is 'cross-site'")]
    public async Task Request_OfAnotherSite_IsRefusedBeforeItDoesAnything(string name, string value, string complaint)
    {
        var workflow = _gateway.OneWorkflow();
        var (status, body) = await _gateway.Json(
            "POST", "/api/pool/default/workflow", new JsonObject { ["file"] = "workflow: {}" }, (name, WithPort(value)));
        Assert.Equal(403, status);
        Assert.StartsWith(WithPort(complaint), (string)body!["message"]!);
        Assert.Equal("USER", (string?)body["error_code"]);
        Assert.True(body.AsObject().ContainsKey("workflow_id"));
        Assert.Null(body["workflow_id"]);
        Assert.Empty(workflow.Submitted);
    }

    [Theory]
    [InlineData("Host", "127.0.0.1")]
    [InlineData("Host", "127.9.9.9:1234")]
    [InlineData("Host", "LocalHost:8080")]
    [InlineData("Host", "[::1]:8080")]
    [InlineData("Origin", "http://127.0.0.1:{port}")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Request_OfThisMachine_IsTaken(string name, string value) =>
        Assert.Equal(200, (await _gateway.Json("GET", "/api/version", null, (name, WithPort(value)))).Status);

    [Fact]
    public async Task Request_ForTheNameOfATunnel_IsTakenUnlessAPageOfAnotherSiteSentIt()
    {
        await using var tunnelled = await TestGateway.Start(("Osmo:Gateway:TunnelHosts:0", "osmo.tunnel"));

        Assert.Equal(200, (await tunnelled.Json("GET", "/api/version", null, ("Host", "OSMO.tunnel:8000"))).Status);
        Assert.Equal(403, (await tunnelled.Json("GET", "/api/version", null, ("Host", "other.tunnel:8000"))).Status);
        Assert.Equal(403, (await tunnelled.Json("GET", "/api/version", null, ("Host", "osmo.tunnel"), ("Origin", "https://example.com"))).Status);
    }

    [Theory]
    [InlineData("Origin", "https://example.com")]
    [InlineData("Host", "rebound.example.com")]
    public async Task WebSocket_OfAnotherSite_IsRefused(string name, string value)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader(name, value);
        var address = new UriBuilder(_gateway.Client.BaseAddress!) { Scheme = "ws", Path = "/api/agent/worker/backend/default" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    private string WithPort(string text) => text.Replace("{port}", $"{Port}", StringComparison.Ordinal);
}
