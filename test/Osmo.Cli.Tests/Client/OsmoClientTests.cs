using System.Text;
using Microsoft.AspNetCore.Http;
using Osmo.Cli.Client;

namespace Osmo.Cli.Tests.Client;

public class OsmoClientTests
{
    [Theory]
    [InlineData(400, "USER", 2)]
    [InlineData(400, "CREDENTIAL", 2)]
    [InlineData(400, "USAGE", 1)]
    [InlineData(400, "RESOURCE", 1)]
    [InlineData(403, "", 2)]
    [InlineData(404, "DATABASE", 2)]
    [InlineData(429, "USER", 75)]
    [InlineData(429, "USAGE", 1)]
    [InlineData(500, "", 10)]
    [InlineData(503, "", 10)]
    public async Task Run_Refused_ExitsWithTheClassOfTheError(int status, string code, int exitCode)
    {
        await using var service =
            await ScriptedService.Start(status, $$"""{"message": "no", "error_code": "{{code}}", "workflow_id": null}""");

        var run = await CliRun.At(service.Url, "workflow", "query", "a-1");

        Assert.Equal((exitCode, $"Error message: no\nError code: {status}\n"), (run.ExitCode, run.Output));
        Assert.Equal("osmo: error: no\n", run.Error);
    }

    [Fact]
    public async Task Run_RefusedInJson_SaysSoInJson()
    {
        await using var service = await ScriptedService.Start(422, """{"detail":"?"}""");

        var run = await CliRun.At(service.Url, "workflow", "query", "a-1", "-t", "json");

        Assert.Equal("{\n  \"message\": \"{\\\"detail\\\":\\\"?\\\"}\",\n  \"code\": 422\n}\n", run.Output);
    }

    [Fact]
    public async Task Run_AnswerThatIsNoJson_ExitsAsAServerError()
    {
        await using var service = await ScriptedService.Start(200, "");

        var run = await CliRun.At(service.Url, "pool", "list");

        Assert.Equal(ExitCodes.ServerError, run.ExitCode);
        Assert.StartsWith("Error message: Error decoding JSON: ", run.Output);
    }

    [Fact]
    public async Task Run_NobodyListens_ExitsAsAServerError()
    {
        var run = await CliRun.At(new Uri("http://127.0.0.1:1"), "pool", "list");

        Assert.Equal(ExitCodes.ServerError, run.ExitCode);
        Assert.StartsWith("Error message: Cannot connect to OSMO service, with error:", run.Output);
    }

    [Theory]
    [InlineData("workflow query a-1", 6)]
    [InlineData("workflow cancel a-1", 1)]
    public async Task Run_ComeBackLater_IsTriedAgainOnlyWhenHarmless(string words, int attempts)
    {
        await using var service = await ScriptedService.Start(context =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "0";
            return context.Response.WriteAsync("slow down");
        });

        await CliRun.At(service.Url, [.. words.Split(' ')]);

        Assert.Equal(attempts, service.Requests.Count);
    }

    [Fact]
    public async Task Run_NoticeOnEveryAnswer_IsSaidOnce()
    {
        await using var service = await ScriptedService.Start(context =>
        {
            context.Response.Headers["x-osmo-warning"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("WARNING: New client 9 available."));
            return context.Response.WriteAsync("""{"name": "a"}""");
        });

        var run = await CliRun.At(service.Url, "workflow", "cancel", "a-1", "a-2");
        var quiet = await CliRun.At(service.Url, "--log-level", "error", "workflow", "cancel", "a-1");

        Assert.Equal("WARNING: New client 9 available.\n", run.Error);
        Assert.Empty(quiet.Error);
    }

    [Theory]
    [InlineData("version", null)]
    [InlineData("profile list", OsmoClient.Version)]
    public async Task Run_AnyCommand_SaysItsVersionExceptWhenAskingForVersions(string words, string? announced)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        await using var service = await ScriptedService.Start(context =>
        {
            headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
            return context.Response.WriteAsync("""{"profile": {}, "pools": [], "roles": []}""");
        });

        await CliRun.At(service.Url, [.. words.Split(' ')]);

        Assert.Equal(announced, (string?)headers["x-osmo-client-version"]);
        Assert.Equal("testuser", (string?)headers["x-osmo-user"]);
        Assert.Equal($"osmo-cli/{OsmoClient.Version}", (string?)headers.UserAgent);
        Assert.StartsWith("application/json", headers.ContentType);
    }

    [Fact]
    public void QueryString_Values_AreWrittenAsUpstreamWritesThem() =>
        Assert.Equal(
            "?a=x+%26+y&b=True&c=1&c=2",
            $"{Cli.Client.QueryString.Empty.With("a", "x & y").With("b", true).WithAll("c", ["1", "2"]).WithOptional("d", (int?)null)}");
}
