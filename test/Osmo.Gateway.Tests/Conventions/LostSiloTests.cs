using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;

namespace Osmo.Gateway.Tests.Conventions;

/// <summary>The first call of a grain is lost with its silo; the request waits for the second one.</summary>
public sealed class LostSiloTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private int _calls;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start();
        _gateway.Grain<IProfileGrain, FakeProfile>("testuser").OnCall = LoseTheFirst;
        _gateway.Grain<IServiceKeysGrain, FakeServiceKeys>(IServiceKeysGrain.Key).OnCall = LoseTheFirst;
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/api/profile/settings")]
    [InlineData("/api/workflow")]
    [InlineData("/api/task")]
    [InlineData("/api/auth/keys")]
    public async Task Get_IsAnswered(string path)
    {
        Assert.Equal(200, (await _gateway.Json("GET", path)).Status);
        Assert.True(_calls > 1);
    }

    [Fact]
    public async Task ProfileChange_IsMade()
    {
        Assert.Equal(200, (await _gateway.Json("POST", "/api/profile/settings", new JsonObject { ["slack_notification"] = true })).Status);
        Assert.True((bool?)(await _gateway.Json("GET", "/api/profile/settings")).Body!["profile"]!["slack_notification"]);
        Assert.True(_calls > 2);
    }

    [Fact]
    public async Task RefreshToken_IsChecked()
    {
        var workflow = GoldenExchange.Load("workflow-query-completed")[^1].Body!;
        await GoldenWorkflow.Store(_gateway, workflow);
        _gateway.Workflow((string)workflow["uuid"]!).OnCheckRefreshToken = _ =>
        {
            LoseTheFirst();
            return RefreshTokenCheck.Finished;
        };
        var (status, body) = await _gateway.Json(
            "POST", $"/api/auth/jwt/refresh_token?workflow_id={workflow["name"]}&group_name=g&task_name=t", new JsonObject { ["token"] = new string('t', 43) });
        Assert.Equal((400, "FINISHED"), (status, (string?)body!["error"]));
        Assert.Equal(2, _calls);
    }

    private void LoseTheFirst()
    {
        if (++_calls == 1)
        {
            throw new TimeoutException("No answer.");
        }
    }
}
