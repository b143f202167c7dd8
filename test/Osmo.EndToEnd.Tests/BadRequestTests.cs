using System.Net;

namespace Osmo.EndToEnd.Tests;

/// <summary>Requests that cannot be met: each is told why, and leaves nothing behind.</summary>
[Collection(Lanes.First)]
public sealed class BadRequestTests(ServedDirectory served) : IClassFixture<ServedDirectory>
{
    public static TheoryData<string, string, string> Specifications => new()
    {
        { "not YAML", "workflow: {name: [", "not properly formatted" },
        { "no workflow", "just text", "Workflow spec not found" },
        { "empty file", "", "Workflow spec not found" },
        { "unknown top-level key", "werkflow: {name: w}", "\"werkflow\"" },
        { "unknown key", "workflow: {name: w, bogus: 1, tasks: [{name: a, image: u, command: [a]}]}", "workflow.bogus" },
        { "unknown key of a task", "workflow: {name: w, tasks: [{name: a, image: u, command: [a], bogus: 1}]}", "bogus" },
        { "no tasks", "workflow: {name: w}", "at least one group or one task" },
        { "empty tasks", "workflow: {name: w, tasks: []}", "at least one group or one task" },
        {
            "two tasks of one name",
            "workflow: {name: w, tasks: [{name: a, image: u, command: [a]}, {name: a, image: u, command: [a]}]}",
            "same name: \"a\""
        },
    };

    [Theory]
    [MemberData(nameof(Specifications))]
    public async Task Submit_BadSpecification_IsRefusedAndNotStored(string what, string spec, string says)
    {
        using var user = served.Server.User("ann");

        var answer = await user.TrySubmit(spec);

        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{what}: {answer}");
        Assert.Contains(says, answer.Json()["message"]!.GetValue<string>());
        Assert.Empty((await user.Read("/api/workflow?all_users=true&all_pools=true"))["workflows"]!.AsArray());
    }

    [Fact]
    public async Task Submit_UnknownPool_IsRefusedAndNotStored()
    {
        using var user = served.Server.User("ann");

        var answer = await user.TrySubmit(Specs.Script("w", "true"), pool: "swimming");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("Pool swimming not found.", answer.Json()["message"]!.GetValue<string>());
        Assert.Empty((await user.Read("/api/workflow?all_users=true&all_pools=true"))["workflows"]!.AsArray());
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/logs")]
    [InlineData("GET", "/events")]
    [InlineData("GET", "/spec")]
    [InlineData("GET", "/task/a")]
    [InlineData("POST", "/cancel")]
    public async Task Request_UnknownWorkflow_IsNamed(string method, string path)
    {
        using var user = served.Server.User("ann");

        var answer = await (method == "GET" ? user.Get($"/api/workflow/nothing-7{path}") : user.Post($"/api/workflow/nothing-7{path}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("Workflow nothing-7 is not found.", answer.Json()["message"]!.GetValue<string>());
    }
}
