using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Osmo.EndToEnd.Tests;

/// <summary>One service, several users.</summary>
[Collection(Lanes.First)]
public sealed class ServeTests(ServedDirectory served) : IClassFixture<ServedDirectory>
{
    [Fact]
    public async Task Submit_TwoUsersAtOnce_AllWorkflowsCompleteAndAreListed()
    {
        const int each = 6;
        using var ann = served.Server.User("ann");
        using var ben = served.Server.User("ben");

        var submits = Enumerable.Range(0, each).SelectMany(_ => new[]
        {
            (User: ann, Id: ann.Submit(Specs.Diamond("apple", "red"))),
            (User: ben, Id: ben.Submit(Specs.Diamond("banana", "yellow"))),
        }).ToList();
        var ended = await Task.WhenAll(submits.Select(async submit => await submit.User.End(await submit.Id)));

        Assert.All(ended, workflow => Assert.Equal("COMPLETED", Status(workflow)));
        Assert.All(ended, workflow => Assert.All(Tasks(workflow), task => Assert.Equal("COMPLETED", Status(task))));
        Assert.Equal(2 * each, ended.Select(workflow => workflow["uuid"]!.GetValue<string>()).Distinct().Count());
        string[] apples = [.. Enumerable.Range(1, each).Select(number => $"apple-{number}")];
        string[] bananas = [.. Enumerable.Range(1, each).Select(number => $"banana-{number}")];
        // Submitted at once, the order of their times need not be that of their numbers.
        var listed = await List(ann, "");
        Assert.Equal(apples, listed.Order());
        Assert.Equal(bananas, (await List(ann, "&users=ben")).Order());
        Assert.Equal(listed, await List(ben, "&all_users=true&name=apple"));
        Assert.Equal(bananas, (await List(ann, "&all_users=true&label=team%3Dyellow")).Order());
        Assert.Empty(await List(ann, "&label=team%3Dyellow"));
        Assert.Equal([.. apples, .. bananas], (await List(ann, "&users=ann&users=ben&statuses=COMPLETED")).Order());
        Assert.Empty(await List(ann, "&statuses=RUNNING"));
        Assert.Equal(listed.Skip(2).Take(2), await List(ann, "&limit=2&offset=2"));
        Assert.Equal(listed.Reverse().Take(2), await List(ann, "&limit=2&order=DESC"));
        var users = (await ann.Read("/api/users")).AsArray().Select(user => user!.GetValue<string>());
        Assert.Equal(["ann", "ben"], users.Intersect(["ann", "ben"]).Order());
    }

    [Fact]
    public async Task Logs_ReadLiveAndFromTheArchive_AreTheSame()
    {
        using var user = served.Server.User("cyd");
        var id = await user.Submit(Specs.Chain("story", 3));

        var live = await user.Logs(id);
        var archived = await user.Logs(id);

        Assert.Contains("[step-3] done step-3\n", live);
        Assert.Equal(live, archived);
        Assert.Contains("[step-2] done step-2\n", await Text(user, $"/api/workflow/{id}/logs?task_name=step-2"));
        Assert.DoesNotContain("[step-1]", await Text(user, $"/api/workflow/{id}/logs?task_name=step-2"));
        Assert.Equal(live.Split('\n')[^3..], (await Text(user, $"/api/workflow/{id}/logs?last_n_lines=2")).Split('\n'));
        Assert.Contains("[step-1] Scheduled: ", await Text(user, $"/api/workflow/{id}/events"));
        Assert.Contains("name: step-3", await Text(user, $"/api/workflow/{id}/spec"));
        var unknown = await user.Get($"/api/workflow/{id}/logs?task_name=step-4");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        Assert.Equal($"Task step-4 of workflow {id} is not found.", unknown.Json()["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Cancel_RunningWorkflow_EndsItsProcesses()
    {
        using var user = served.Server.User("dan");
        var id = await user.Submit(Specs.Script("endless", "sleep 600 & echo running; wait"));
        await user.Line(id, "[main] running");
        var processes = served.Data.PodProcesses();

        var answer = await user.Post($"/api/workflow/{id}/cancel");
        var ended = await user.End(id);

        Assert.NotEmpty(processes);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("FAILED_CANCELED", Status(ended));
        Assert.Equal("dan", ended["cancelled_by"]!.GetValue<string>());
        Assert.Equal("FAILED_CANCELED", Status(Assert.Single(Tasks(ended))));
        await served.Data.Tidy();
    }

    [Fact]
    public async Task Logs_OfAReaderWhoDoesNotRead_DelayNobody()
    {
        // Far more than what sockets and pipes between task and reader hold.
        const int lines = 100_000;
        using var user = served.Server.User("eve");
        using var slow = new User(served.Data.Port, "slow", receiveBuffer: 4096);
        var id = await user.Submit(Specs.Script("flood", $"seq -f 'line %.0f of a log that is longer than any buffer on its way' {lines}"));
        await using var unread = await slow.Open($"/api/workflow/{id}/logs");

        var read = await user.Logs(id);
        var ended = await user.Workflow(id);

        Assert.Equal("COMPLETED", Status(ended));
        Assert.Equal(lines, read.Split('\n').Count(line => line.Contains("[main] line ", StringComparison.Ordinal)));
        using var reader = new StreamReader(unread);
        Assert.Equal(read, await reader.ReadToEndAsync().WaitAsync(StandaloneProcess.Limit));
    }

    [Fact]
    public async Task Read_WhatTheServiceOffers_IsThere()
    {
        using var user = served.Server.User("fay");

        var resources = await user.Read("/api/resources?all_pools=true");
        var pools = await user.Read("/api/pool");
        var version = await user.Read("/api/version");
        var document = await user.Read("/api/openapi.json");

        var node = Assert.Single(resources["resources"]!.AsArray())!;
        Assert.Equal(Environment.MachineName.ToLowerInvariant(), node["hostname"]!.GetValue<string>());
        Assert.Equal("ONLINE", pools["pools"]!["default"]!["status"]!.GetValue<string>());
        Assert.True(int.Parse(version["major"]!.GetValue<string>(), CultureInfo.InvariantCulture) > 0);
        Assert.NotNull(document["paths"]!["/api/workflow/{name}/logs"]!["get"]);
    }

    [Fact]
    public async Task Profile_Changed_IsTheUsersOwn()
    {
        using var gus = served.Server.User("gus");
        using var hal = served.Server.User("hal");

        var answer = await gus.Post("/api/profile/settings", new JsonObject { ["pool"] = "default", ["slack_notification"] = true });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var own = (await gus.Read("/api/profile/settings"))["profile"]!;
        var other = (await hal.Read("/api/profile/settings"))["profile"]!;
        Assert.Equal(("gus", "default", true), Settings(own));
        Assert.Equal(("hal", null, false), Settings(other));
    }

    private static string Status(JsonNode of) => of["status"]!.GetValue<string>();

    private static IEnumerable<JsonNode> Tasks(JsonNode workflow) =>
        from @group in workflow["groups"]!.AsArray()
        from task in @group!["tasks"]!.AsArray()
        select task;

    private static (string User, string? Pool, bool Slack) Settings(JsonNode profile) =>
        (profile["username"]!.GetValue<string>(), profile["pool"]?.GetValue<string>(), profile["slack_notification"]!.GetValue<bool>());

    /// <returns>The ids, in the order of the answer.</returns>
    private static async Task<string[]> List(User user, string filter)
    {
        var answer = await user.Read($"/api/workflow?all_pools=true{filter}");
        return [.. answer["workflows"]!.AsArray().Select(workflow => workflow!["name"]!.GetValue<string>())];
    }

    private static async Task<string> Text(User user, string path) => (await user.Get(path)).Text;
}
