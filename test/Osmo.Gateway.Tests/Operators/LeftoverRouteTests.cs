using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Tests.Operators;

/// <summary>What our operator tells of objects without pods; an addition of our own.</summary>
public sealed class LeftoverRouteTests : IAsyncLifetime
{
    private static readonly string Workflow = new('a', 32);
    private static readonly string Other = new('b', 32);
    private static readonly string Group1 = new('1', 32);
    private static readonly string Group2 = new('2', 32);

    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Leftovers_AreToldToTheirWorkflows_EachOnce()
    {
        var report = new LeftoverReport([new(Workflow, Group1), new(Other, Group1), new(Workflow, Group2), new(Workflow, Group1)]);

        Assert.Equal((200, null), await Post("b1", JsonNode.Parse(report.Encode())!));

        var (backend, groups) = Assert.Single(_gateway.Workflow(Workflow).Leftovers);
        Assert.Equal("b1", backend);
        Assert.Equal([Group1, Group2], groups.AsEnumerable());
        Assert.Equal("b1", Assert.Single(_gateway.Workflow(Other).Leftovers).Backend);
    }

    [Theory]
    [InlineData("""{"groups": [{"workflow_uuid": "..", "group_uuid": "all"}]}""", "32 lower-case hexadecimal digits")]
    [InlineData("""{"groups": 7}""", "groups")]
    [InlineData("""{}""", "groups")]
    public async Task Leftovers_OfAnyOtherShape_AreRefused(string body, string expected)
    {
        var (status, answer) = await Post("b1", JsonNode.Parse(body)!);

        Assert.Equal((400, "USER"), (status, (string?)answer!["error_code"]));
        Assert.Contains(expected, (string)answer["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leftovers_TooMany_AreRefusedUnread()
    {
        var tooMany = Enumerable.Repeat(new LeftoverGroup(Workflow, Group1), LeftoverReport.GroupsMax + 1);
        var tooLong = new JsonObject { ["groups"] = new JsonArray(), ["more"] = new string('x', LeftoverReport.BytesMax) };

        Assert.Equal(400, (await Post("b1", JsonNode.Parse(new LeftoverReport([.. tooMany]).Encode())!)).Status);
        Assert.Equal(413, (await Post("b1", tooLong)).Status);

        Assert.Empty(_gateway.Workflow(Workflow).Leftovers);
    }

    private Task<(int Status, JsonNode? Body)> Post(string backend, JsonNode body) => _gateway.Json("POST", LeftoverReport.PathOf(backend), body);
}
