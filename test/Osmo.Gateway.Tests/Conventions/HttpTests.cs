using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Storage.State;
using Osmo.Testing;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Tests.Conventions;

public sealed class HttpTests : IAsyncLifetime
{
    /// <summary>It stands still: a gateway on a busy machine is late, and not unready.</summary>
    private readonly ManualTime _time = new();

    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(_time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("raw-nosuch")]
    [InlineData("raw-api-version")]
    [InlineData("raw-client-version")]
    [InlineData("raw-health")]
    [InlineData("raw-api-auth-login")]
    [InlineData("raw-api-plugins-configs")]
    [InlineData("raw-api-workflow-hello-osmo-1-nosuch")]
    [InlineData("version")]
    public async Task Recorded_Request_GetsTheRecordedAnswer(string name)
    {
        foreach (var golden in GoldenExchange.Load(name))
        {
            using var response = await _gateway.Send(golden.Method, golden.Path, golden.RequestBody);
            Assert.Equal(golden.Status, (int)response.StatusCode);
            Assert.Equal(golden.ContentType, response.Content.Headers.ContentType?.ToString());
            JsonAssert.Same(golden.Body, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task Keys_AreAPublicKeyAsRecorded()
    {
        var golden = GoldenExchange.Single("raw-api-auth-keys");
        var (status, body) = await _gateway.Json("GET", golden.Path);
        Assert.Equal(200, status);
        var members = body!["keys"]![0]!.AsObject().Select(member => member.Key).Order();
        Assert.Equal(golden.Body!["keys"]![0]!.AsObject().Select(member => member.Key).Order(), members);
    }

    [Theory]
    [InlineData("POST", "/api/version")]
    [InlineData("HEAD", "/api/version")]
    [InlineData("DELETE", "/api/workflow/w-1")]
    public async Task Request_WithAnotherMethod_Is405(string method, string path)
    {
        using var response = await _gateway.Send(method, path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        if (method != "HEAD")
        {
            Assert.Equal("""{"detail":"Method Not Allowed"}""", await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("//api/pool")]
    [InlineData("/api//pool")]
    public async Task Path_WithRepeatedSlashes_IsTheSame(string path) => Assert.Equal(200, (await _gateway.Json("GET", path)).Status);

    [Fact]
    public async Task Path_WithTrailingSlash_IsRedirected()
    {
        using var response = await _gateway.Send("GET", "/api/workflow/?limit=3");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal("/api/workflow?limit=3", response.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("/api/workflow?all_pools=perhaps", "bool_parsing", "all_pools")]
    [InlineData("/api/workflow?limit=many", "int_parsing", "limit")]
    [InlineData("/api/workflow?order=desc", "enum", "order")]
    [InlineData("/api/workflow?statuses=running", "enum", "statuses")]
    [InlineData("/api/workflow?submitted_after=soon", "datetime_from_date_parsing", "submitted_after")]
    public async Task Query_Malformed_Is422WithItsPlace(string path, string type, string name)
    {
        var (status, body) = await _gateway.Json("GET", path);
        Assert.Equal(422, status);
        var error = Assert.Single(body!["detail"]!.AsArray())!;
        Assert.Equal(type, (string?)error["type"]);
        Assert.Equal("query", (string?)error["loc"]![0]);
        Assert.Equal(name, (string?)error["loc"]![1]);
        Assert.NotEmpty((string)error["msg"]!);
    }

    [Fact]
    public async Task Query_WithSeveralFaults_NamesAll()
    {
        var (status, body) = await _gateway.Json("GET", "/api/workflow?limit=x&offset=y&statuses=RUNNING&statuses=z");
        Assert.Equal(422, status);
        Assert.Equal(3, body!["detail"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("yes")]
    [InlineData("1")]
    [InlineData("on")]
    [InlineData("T")]
    public async Task Query_BooleanInAnySpelling_IsUnderstood(string value) =>
        Assert.Equal(200, (await _gateway.Json("GET", $"/api/workflow?all_users=1&all_pools={value}")).Status);

    [Fact]
    public async Task Body_WithUnknownKeys_Is422()
    {
        var (status, body) = await _gateway.Json("POST", "/api/pool/default/workflow", new JsonObject { ["file"] = 5, ["extra"] = true });
        Assert.Equal(422, status);
        Assert.Equal(["string_type", "extra_forbidden"], body!["detail"]!.AsArray().Select(error => (string)error!["type"]!));
    }

    [Theory]
    [InlineData("GET", "/api/workflow?pools=a%00b", "pools")]
    [InlineData("GET", "/api/workflow?users=%00", "users")]
    [InlineData("GET", "/api/workflow?name=a%00", "name")]
    [InlineData("GET", "/api/workflow/w-1/logs?task_name=%00", "task_name")]
    [InlineData("POST", "/api/pool/default/workflow?workflow_id=w%00-1", "workflow_id")]
    public async Task Query_WithNul_Is422WithItsName(string method, string path, string name)
    {
        var (status, body) = await _gateway.Json(method, path);
        Assert.Equal(422, status);
        var error = Assert.Single(body!["detail"]!.AsArray())!;
        Assert.Equal(("value_error", "query", name), ((string?)error["type"], (string?)error["loc"]![0], (string?)error["loc"]![1]));
    }

    [Theory]
    [InlineData("/api/workflow/w%00-1")]
    [InlineData("/api/pool/%00/workflow/w-1/restart")]
    public async Task Path_WithNul_Is400(string path)
    {
        // The client would not send it.
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(_gateway.Client.BaseAddress!.Host, _gateway.Client.BaseAddress.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        using var answer = new StreamReader(socket.GetStream());
        Assert.StartsWith("HTTP/1.1 400", await answer.ReadLineAsync());
    }

    [Theory]
    [InlineData("""{"file":"\ud800"}""", "string_unicode", "file")]
    [InlineData("""{"file":"x","set_variables":["a","\udc00\ud800"]}""", "string_unicode", "set_variables")]
    [InlineData("""{"file":"x","extra":{"\ud800":1}}""", "string_unicode", "extra")]
    [InlineData("""{"\ud800":1}""", "string_unicode", null)]
    [InlineData("""{"file":"x","file":"y"}""", "json_invalid", null)]
    [InlineData("""{"file":"x" """, "json_invalid", null)]
    public async Task Body_ThatIsNoText_Is422(string body, string type, string? member) =>
        await AssertUnprocessable(new StringContent(body), type, member);

    [Fact]
    public async Task Body_ThatIsNotUtf8_Is422() => await AssertUnprocessable(new ByteArrayContent([.. "{\"file\":\""u8, 0xff, .. "\"}"u8]), "json_invalid", null);

    private async Task AssertUnprocessable(HttpContent content, string type, string? member)
    {
        content.Headers.ContentType = new("application/json");
        using var response = await _gateway.Client.PostAsync(new Uri("/api/pool/default/workflow", UriKind.Relative), content);
        Assert.Equal(422, (int)response.StatusCode);
        var error = Assert.Single(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.AsArray())!;
        Assert.Equal((type, "body"), ((string?)error["type"], (string?)error["loc"]![0]));
        if (member is not null)
        {
            Assert.Equal(member, (string?)error["loc"]![1]);
        }
    }

    [Theory]
    [InlineData("6.4.0", 200, false)]
    [InlineData("6.5.1.abc", 200, false)]
    [InlineData("6.3.9", 200, true)]
    [InlineData("6.1.0", 400, false)]
    [InlineData("six", 400, false)]
    [InlineData("", 400, false)]
    public async Task ClientVersion_DecidesOnGateAndWarning(string version, int expected, bool warned)
    {
        await _gateway.Configure(defaults => defaults with
        {
            Service = defaults.Service with
            {
                CliConfig = new CliConfig { MinSupportedVersion = "6.2.0", ClientInstallUrl = "https://example.com/install" },
            },
        });
        using var response = await _gateway.Send("GET", "/api/version", null, ("x-osmo-client-version", version));
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(warned, response.Headers.Contains("x-osmo-warning"));
        if (warned)
        {
            var warning = Encoding.UTF8.GetString(Convert.FromBase64String(response.Headers.GetValues("x-osmo-warning").Single()));
            Assert.StartsWith("Your client is out of date. Client version is 6.3.9 but the newest client version is 6.4.0.\n", warning);
            Assert.Equal("6.4.0", response.Headers.GetValues("x-osmo-service-version").Single());
        }
    }

    [Fact]
    public async Task ClientVersion_OldOnClientPaths_Passes()
    {
        await _gateway.Configure(defaults => defaults with
        {
            Service = defaults.Service with { CliConfig = new CliConfig { MinSupportedVersion = "6.2.0" } },
        });
        Assert.Equal(200, (await _gateway.Json("GET", "/client/version", null, ("x-osmo-client-version", "1.0.0"))).Status);
    }

    [Fact]
    public async Task PageOfAWorkflow_WithoutAWebUi_LeadsToItsAnswer()
    {
        using var response = await _gateway.Send("GET", "/workflows/w-9");
        Assert.Equal((302, "/api/workflow/w-9"), ((int)response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Client_AsksForText_GetsTheVersionAsText()
    {
        using var response = await _gateway.Send("GET", "/client/version", null, ("Accept", "text/plain"));
        Assert.Equal("6.4.0", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Configuration_ThatCannotBeRead_LeavesTheFormerOneServing()
    {
        await _gateway.Configure(defaults => defaults with
        {
            Workflow = defaults.Workflow with { WorkflowInfo = new WorkflowInfoConfig { Tags = ["gold", "silver"] } },
        });
        var golden = GoldenExchange.Single("raw-api-tag");
        JsonAssert.Same(golden.Body, (await _gateway.Json("GET", golden.Path)).Body);
        _gateway.Configuration.Broken = true;
        JsonAssert.Same(golden.Body, (await _gateway.Json("GET", golden.Path)).Body);
    }

    [Fact]
    public async Task Ready_WithoutGrains_Is503()
    {
        Assert.Equal(200, (await _gateway.Json("GET", "/health/ready")).Status);
        await using var another = await TestGateway.Start(_time);
        another.Configuration.Broken = true;
        var (status, body) = await another.Json("GET", "/health/ready");
        Assert.Equal(503, status);
        Assert.Equal("No answer.", (string?)body!["detail"]);
    }

    [Fact]
    public async Task Failure_OfASilo_AsksToTryAgain()
    {
        _gateway.Configuration.Broken = true;
        using var response = await _gateway.Send("GET", "/api/tag");
        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("1", response.Headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task Failure_IsAnInternalServerError()
    {
        _gateway.Configuration.Fault = new InvalidOperationException("No answer.");
        var (status, body) = await _gateway.Json("GET", "/api/tag");
        Assert.Equal(500, status);
        Assert.Equal("Internal server error: No answer.", (string?)body!["message"]);
    }

    [Theory]
    [InlineData(true, 503, "1", "The storage is not available now; try again.")]
    [InlineData(false, 500, null, "Internal server error: storage failed")]
    public async Task Failure_OfTheStorage_KeepsItsTextToTheLog(bool isTransient, int expected, string? retryAfter, string message)
    {
        _gateway.Configuration.Fault = new InvalidOperationException(
            "Reading failed.", new StateStoreException("SELECT secret FROM documents: disk I/O error", isTransient));
        using var response = await _gateway.Send("GET", "/api/tag");
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(retryAfter, response.Headers.RetryAfter?.ToString());
        JsonAssert.Same(new JsonObject { ["message"] = message }, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
        Assert.Equal("The storage is not available now; try again.", (string?)(await _gateway.Json("GET", "/health/ready")).Body!["detail"]);
    }

    [Fact]
    public async Task ApiDocument_DescribesEveryRouteWithItsParameters()
    {
        var (status, document) = await _gateway.Json("GET", "/api/openapi.json");
        Assert.Equal(200, status);
        var list = document!["paths"]!["/api/workflow"]!["get"]!;
        var names = list["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!).ToList();
        Assert.Contains("submitted_after", names);
        Assert.Contains("no_label", names);
        Assert.NotNull(document["paths"]!["/api/pool/{pool}/workflow"]!["post"]!["requestBody"]);
        Assert.Null(document["paths"]!["/api/agent/worker/backend/{name}"]);
        Assert.Contains("\"submit_time\"", list["responses"]!["200"]!.ToJsonString());
    }

    [Fact]
    public async Task Body_LargerThanAllowed_Is413()
    {
        await using var gateway = await TestGateway.Start(("Osmo:Gateway:RequestBytesMax", "1000"));
        var (status, body) = await gateway.Json("POST", "/api/pool/default/workflow", new JsonObject { ["file"] = new string('x', 2000) });
        Assert.Equal(413, status);
        Assert.NotNull(body!["detail"]);
    }

    [Theory]
    [InlineData("ResponseTimeout", "allowed are 00:00:06 to 00:10:00")]
    [InlineData("PingPeriod", "allowed are 00:00:00.1000000 to 00:10:00")]
    [InlineData("OperatorInitTimeout", "allowed are 00:00:00.1000000 to 00:10:00")]
    [InlineData("ConfigurationAgeMax", "allowed are 00:00:00 to 01:00:00")]
    public async Task Start_WithANumberAsTime_SaysHowTimesAreWritten(string setting, string allowed)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => TestGateway.Start(($"Osmo:Gateway:{setting}", "1")));
        Assert.Equal($"Osmo:Gateway:{setting} is 1.00:00:00; {allowed}, written as hours:minutes:seconds (a number alone means days).", Assert.Single(refused.Failures));
    }

    [Fact]
    public async Task Start_OnAnotherAddressThanLoopback_IsRefused()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://0.0.0.0:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOsmoGateway(builder.Configuration);
        await using var app = builder.Build();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());
        Assert.Contains("No authentication is configured", refused.Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000", true)]
    [InlineData("http://[::1]:5000", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://unix:/run/osmo.sock", true)]
    [InlineData("http://0.0.0.0:5000", false)]
    [InlineData("http://[::]:5000", false)]
    [InlineData("http://*:5000", false)]
    [InlineData("http://10.0.0.1:5000", false)]
    public void IsLocal_Address_OnlyWhenNobodyElseCanConnect(string address, bool expected) =>
        Assert.Equal(expected, DevelopmentIdentity.IsLocal(address));
}
