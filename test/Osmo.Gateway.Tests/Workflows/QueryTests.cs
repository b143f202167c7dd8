using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Tests.Workflows;

public sealed class QueryTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.Start(("Osmo:Gateway:BaseUrl", GoldenExchange.BaseUrl));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("workflow-query-completed")]
    [InlineData("workflow-query-failed")]
    [InlineData("workflow-query-group")]
    public async Task Query_RecordedWorkflow_GivesTheRecordedAnswer(string name)
    {
        var golden = GoldenExchange.Single(name);
        await GoldenWorkflow.Store(_gateway, golden.Body!);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(golden.Status, status);
        JsonAssert.SameShape(golden.Body, body);
        JsonAssert.Same(golden.Body, body);
    }

    [Theory]
    [InlineData("workflow-query-unknown")]
    [InlineData("workflow-logs-unknown")]
    [InlineData("workflow-spec-unknown")]
    [InlineData("workflow-cancel-unknown")]
    [InlineData("workflow-list-user-none")]
    public async Task Recorded_Refusal_IsGivenAgain(string name)
    {
        var golden = GoldenExchange.Single(name);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(golden.Status, status);
        JsonAssert.Same(golden.Body, body);
    }

    [Fact]
    public async Task Query_ByUuid_IsTheSameWorkflow()
    {
        var golden = GoldenExchange.Single("workflow-query-completed");
        await GoldenWorkflow.Store(_gateway, golden.Body!);
        JsonAssert.Same(golden.Body, (await _gateway.Json("GET", $"/api/workflow/{golden.Body!["uuid"]}")).Body);
    }

    [Fact]
    public async Task Query_SkippingGroups_HasNone()
    {
        var golden = GoldenExchange.Single("workflow-query-completed");
        await GoldenWorkflow.Store(_gateway, golden.Body!);
        var (_, body) = await _gateway.Json("GET", $"{golden.Path}&skip_groups=true");
        Assert.Empty(body!["groups"]!.AsArray());
    }

    [Fact]
    public async Task Query_WarnsByTheLabelPolicyOfToday()
    {
        await GoldenWorkflow.Store(_gateway, GoldenExchange.Single("workflow-query-completed").Body!);
        var policy = new LabelPolicy { Key = "team", Enforcement = LabelEnforcement.Warn };
        var labels = new LabelsConfig { Policy = [policy, policy with { Enforcement = LabelEnforcement.Enforce }] };
        await _gateway.Configure(defaults => defaults with { Workflow = defaults.Workflow with { LabelsConfig = labels } });
        var (_, body) = await _gateway.Json("GET", "/api/workflow/hello-osmo-1");
        var warning = Assert.Single(body!["warnings"]!.AsArray());
        Assert.StartsWith("Workflow is missing label 'team'", (string?)warning);
    }

    [Fact]
    public async Task QueryTask_LatestAttempt_HasItsResources()
    {
        await GoldenWorkflow.Store(_gateway, GoldenExchange.Single("workflow-query-completed").Body!);
        var (status, body) = await _gateway.Json("GET", "/api/workflow/hello-osmo-1/task/hello");
        Assert.Equal(200, status);
        Assert.Equal(
            ["workflow_id", "task_name", "node", "start_time", "end_time", "status", "storage", "cpu", "memory", "gpu"],
            body!.AsObject().Select(member => member.Key));
        Assert.Equal("COMPLETED", (string?)body["status"]);
        var (missing, refusal) = await _gateway.Json("GET", "/api/workflow/hello-osmo-1/task/nosuch");
        Assert.Equal((400, "Task nosuch of workflow hello-osmo-1 is not found."), (missing, (string?)refusal!["message"]));
    }

    [Fact]
    public async Task List_RecordedWorkflows_GivesTheirEntries()
    {
        string[] recorded =
            ["workflow-query-completed", "workflow-query-failed", "workflow-query-group", "workflow-query-dag-verbose-json"];
        foreach (var name in recorded)
        {
            await GoldenWorkflow.Store(_gateway, GoldenExchange.Single(name).Body!);
        }

        var golden = GoldenExchange.Single("workflow-list-json");
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(200, status);
        var known = golden.Body!["workflows"]!.AsArray().ToDictionary(entry => (string)entry!["name"]!, entry => entry);
        var listed = body!["workflows"]!.AsArray();
        Assert.Equal(["failing-1", "grouped-1", "dag-1", "hello-osmo-1"], listed.Select(entry => (string)entry!["name"]!));
        Assert.All(listed, entry => JsonAssert.Same(known[(string)entry!["name"]!], entry));
        Assert.False((bool)body["more_entries"]!);
    }

    [Fact]
    public async Task List_WithLimit_SaysThatThereIsMore()
    {
        foreach (var name in (string[])["workflow-query-completed", "workflow-query-failed"])
        {
            await GoldenWorkflow.Store(_gateway, GoldenExchange.Single(name).Body!);
        }

        var (_, body) = await _gateway.Json("GET", "/api/workflow?all_pools=true&limit=1&order=ASC");
        Assert.Equal("hello-osmo-1", (string?)body!["workflows"]![0]!["name"]);
        Assert.True((bool)body["more_entries"]!);
    }

    [Theory]
    [InlineData("/api/workflow?all_pools=true&limit=1001", "Limit must be less than 1000.")]
    [InlineData("/api/workflow?all_pools=true&offset=-1", "Offset must not be negative.")]
    [InlineData("/api/workflow?all_pools=true&app=a:b", "App version 'b' is not a number.")]
    [InlineData("/api/workflow?all_pools=true&label=x", "Label selector \"x\" must use key=value format.")]
    [InlineData("/api/task?all_pools=true&limit=0", "Limit must not be 0.")]
    [InlineData("/api/workflow/w-1/tag", "No tags specified!")]
    public async Task Request_OutOfRange_IsRefused(string path, string message)
    {
        var (status, body) = await _gateway.Json(path.EndsWith("/tag", StringComparison.Ordinal) ? "POST" : "GET", path);
        Assert.Equal((400, message), (status, (string?)body!["message"]));
    }

    [Fact]
    public async Task List_ByAPartOfTheUsersName_FindsTheOneUser()
    {
        var answer = GoldenExchange.Single("workflow-query-completed").Body!.DeepClone();
        answer["submitted_by"] = "ann@example.com";
        await GoldenWorkflow.Store(_gateway, answer);
        var (status, body) = await _gateway.Json("GET", "/api/workflow?all_pools=true&users=ann");
        Assert.Equal((200, 1), (status, body!["workflows"]!.AsArray().Count));
    }

    [Fact]
    public async Task List_OfANewUser_IsEmpty()
    {
        var (status, body) = await _gateway.Json("GET", "/api/workflow?all_pools=true", null, ("x-osmo-user", "newcomer"));
        Assert.Equal((200, 0), (status, body!["workflows"]!.AsArray().Count));
    }

    [Theory]
    [InlineData("task-list")]
    [InlineData("task-list-summary")]
    [InlineData("task-list-aggregate")]
    public async Task Tasks_Recorded_GiveTheRecordedShape(string name)
    {
        var running = GoldenExchange.Single("workflow-query-completed").Body!.DeepClone();
        (running["status"], running["end_time"]) = ("RUNNING", null);
        (running["groups"]![0]!["tasks"]![0]!["status"], running["groups"]![0]!["tasks"]![0]!["end_time"]) = ("RUNNING", null);
        await GoldenWorkflow.Store(_gateway, running);
        var golden = GoldenExchange.Single(name);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path, null, ("x-osmo-user", "testuser"));
        Assert.Equal(200, status);
        Assert.Single((body!["tasks"] ?? body["summaries"])!.AsArray());
        JsonAssert.SameShape(golden.Body, body);
    }

    [Fact]
    public async Task Tasks_ByWorkflow_NameTheWorkflow()
    {
        await GoldenWorkflow.Store(_gateway, GoldenExchange.Single("workflow-query-completed").Body!);
        var (_, body) = await _gateway.Json("GET", "/api/task?all_pools=true&aggregate_by_workflow=true");
        Assert.Equal("hello-osmo-1", (string?)body!["summaries"]![0]!["workflow_id"]);
    }

    [Fact]
    public async Task Cancel_FinishedWorkflow_IsRefusedAsRecorded()
    {
        var stored = GoldenExchange.Single("workflow-query-completed").Body!;
        await GoldenWorkflow.Store(_gateway, stored);
        _gateway.Workflow((string)stored["uuid"]!).OnCancel = _ =>
            new("hello-osmo-1", new Refusal("USER", "Workflow hello-osmo-1 is already finished."));
        var golden = GoldenExchange.Single("workflow-cancel-finished");
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(golden.Status, status);
        JsonAssert.Same(golden.Body, body);
    }

    [Fact]
    public async Task Cancel_GoesToTheWorkflowWithUserAndMessage()
    {
        var stored = GoldenExchange.Single("workflow-query-completed").Body!;
        await GoldenWorkflow.Store(_gateway, stored);
        CancelWorkflow? asked = null;
        _gateway.Workflow((string)stored["uuid"]!).OnCancel = cancel =>
        {
            asked = cancel;
            return new("hello-osmo-1", null);
        };
        var (status, body) = await _gateway.Json(
            "POST", "/api/workflow/hello-osmo-1/cancel?force=True&message=no+longer+needed", null, ("x-osmo-user", "ann"));
        Assert.Equal((200, """{"name":"hello-osmo-1"}"""), (status, body!.ToJsonString()));
        Assert.Equal(new CancelWorkflow("ann", "no longer needed", Force: true), asked);
    }

    [Fact]
    public async Task Tag_OnlyKnownOnes_AndAnswersNull()
    {
        await _gateway.Configure(defaults => defaults with
        {
            Workflow = defaults.Workflow with { WorkflowInfo = new WorkflowInfoConfig { Tags = ["gold", "silver"] } },
        });
        var stored = GoldenExchange.Single("workflow-query-completed").Body!;
        await GoldenWorkflow.Store(_gateway, stored);
        var golden = GoldenExchange.Single("workflow-tag-unknown");
        var (status, body) = await _gateway.Json(golden.Method, golden.Path);
        Assert.Equal(golden.Status, status);
        JsonAssert.Same(golden.Body, body);

        (status, body) = await _gateway.Json("POST", "/api/workflow/hello-osmo-1/tag?add=gold&remove=silver");
        Assert.Equal(200, status);
        Assert.Null(body);
        var (add, remove) = Assert.Single(_gateway.Workflow((string)stored["uuid"]!).Tagged);
        Assert.Equal<string>(["gold"], add);
        Assert.Equal<string>(["silver"], remove);
    }

    [Fact]
    public async Task Spec_IsTheStoredText_AndTheTemplateWhenAsked()
    {
        var stored = GoldenExchange.Single("workflow-query-completed").Body!;
        await GoldenWorkflow.Store(_gateway, stored);
        await _gateway.Put(
            new RowKey(RowKind.Spec, (string)stored["uuid"]!),
            new SpecDocument(null, "version: 2\n", "{{ x }}\n"),
            DocumentJson.Default.SpecDocument);
        Assert.Equal("version: 2\n", await Text("/api/workflow/hello-osmo-1/spec?use_template=False"));
        Assert.Equal("{{ x }}\n", await Text("/api/workflow/hello-osmo-1/spec?use_template=True"));
    }

    [Fact]
    public async Task Profile_IsReadAndChangedAsRecorded()
    {
        var golden = GoldenExchange.Single("profile-list");
        Assert.Equal(200, (await _gateway.Json(
            "POST", "/api/profile/settings", new JsonObject { ["email_notification"] = true, ["pool"] = null })).Status);
        JsonAssert.Same(golden.Body, (await _gateway.Json(golden.Method, golden.Path)).Body);

        var refused = GoldenExchange.Single("profile-set-pool-unknown");
        var (status, body) = await _gateway.Json(refused.Method, refused.Path, refused.RequestBody);
        Assert.Equal(refused.Status, status);
        JsonAssert.Same(refused.Body, body);
    }

    private async Task<string> Text(string path)
    {
        using var response = await _gateway.Send("GET", path);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return await response.Content.ReadAsStringAsync();
    }
}
