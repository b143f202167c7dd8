using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>Backends as administrators see and delete them (contract: api-rest §18, backend-protocol §17).</summary>
public sealed class BackendRouteTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private string _uuid = "";

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start();
        await Register("default");
        await Register("another");
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task List_HasAllBackendsByName()
    {
        var (status, body) = await _gateway.Json("GET", "/api/configs/backend");
        Assert.Equal(200, status);
        Assert.Equal(["another", "default"], body!["backends"]!.AsArray().Select(backend => (string)backend!["name"]!));
    }

    [Fact]
    public async Task Delete_OfAnIdleBackend_RemovesIt()
    {
        var (status, body) = await _gateway.Json("DELETE", "/api/configs/backend/another");
        Assert.Equal((200, null), (status, body));
        Assert.True(_gateway.Backend("another").IsRemoved);
    }

    [Fact]
    public async Task Delete_WhileWorkflowsGoOn_IsRefusedAndNamesThem()
    {
        await StoreRunning();
        var (status, body) = await _gateway.Json("DELETE", "/api/configs/backend/default", JsonNode.Parse("""{"force": false, "description": null}"""));
        Assert.Equal((400, "USER"), (status, (string?)body!["error_code"]));
        Assert.Contains(((string)GoldenExchange.Single("workflow-query-failed").Body!["name"]!), (string)body["message"]!, StringComparison.Ordinal);
        Assert.False(_gateway.Backend("default").IsRemoved);
    }

    [Fact]
    public async Task Delete_WithForce_EndsTheWorkflowsFirst()
    {
        await StoreRunning();
        var ended = false;
        _gateway.Workflow(_uuid).OnRemoveBackend = () =>
        {
            Assert.False(_gateway.Backend("default").IsRemoved);
            ended = true;
            return Task.CompletedTask;
        };
        var (status, _) = await _gateway.Json("DELETE", "/api/configs/backend/default", JsonNode.Parse("""{"force": true}"""));
        Assert.Equal((200, true, true), (status, ended, _gateway.Backend("default").IsRemoved));
    }

    [Theory]
    [InlineData("/api/configs/backend/nosuch", "{}", 404)]
    [InlineData("/api/configs/backend/default", """{"force": "perhaps"}""", 422)]
    public async Task Delete_ThatIsWrong_IsRefused(string path, string body, int expected)
    {
        var (status, _) = await _gateway.Json("DELETE", path, JsonNode.Parse(body));
        Assert.Equal((expected, false), (status, _gateway.Backend("default").IsRemoved));
    }

    private async Task StoreRunning()
    {
        var stored = GoldenExchange.Single("workflow-query-failed").Body!.DeepClone();
        _uuid = (string)stored["uuid"]!;
        (stored["status"], stored["end_time"]) = ("RUNNING", null);
        await GoldenWorkflow.Store(_gateway, stored);
    }

    private Task Register(string name) => _gateway.Put(
        new RowKey(RowKind.Backend, name),
        new BackendDocument
        {
            Name = name,
            KubernetesUid = "uid",
            Namespace = "pods",
            Version = "6.4.0",
            NodeConditionPrefix = "osmo.nvidia.com/",
            CreatedDate = DateTime.UnixEpoch,
            LastHeartbeat = DateTime.UnixEpoch,
        },
        DocumentJson.Default.BackendDocument);
}
