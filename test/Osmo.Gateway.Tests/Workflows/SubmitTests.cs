using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Tests.Workflows;

public sealed class SubmitTests : IAsyncLifetime
{
    private const string Hello =
        """
        workflow:
          name: hello
          tasks:
          - name: t
            image: ubuntu:24.04
            command: [sleep, '1']
          resources:
            default: {cpu: 1, memory: 1Gi, storage: 1Gi}
        """;

    private TestGateway _gateway = null!;
    private FakeWorkflow _workflow = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start(("Osmo:Gateway:BaseUrl", GoldenExchange.BaseUrl));
        _workflow = _gateway.OneWorkflow();
        foreach (var node in GoldenExchange.Load("resource-list").SelectMany(exchange => exchange.Body!["resources"]?.AsArray() ?? []))
        {
            await Store(node!);
        }
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("workflow-submit")]
    [InlineData("workflow-submit-json")]
    [InlineData("workflow-submit-dag")]
    [InlineData("workflow-submit-group")]
    [InlineData("workflow-submit-dry-run")]
    public async Task Recorded_Submission_GetsTheRecordedAnswer(string name)
    {
        var golden = GoldenExchange.Load(name)[^1];
        _workflow.OnSubmit = _ => new((string?)golden.Body!["name"], null);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path, golden.RequestBody);
        Assert.Equal(golden.Status, status);
        JsonAssert.Same(golden.Body, body);
    }

    [Theory]
    [InlineData("workflow-validate-toobig", false)]
    [InlineData("workflow-submit-toobig", true)]
    public async Task Recorded_TooBig_IsRejectedInTheRecordedWords(string name, bool recorded)
    {
        var golden = GoldenExchange.Single(name);
        var (status, body) = await _gateway.Json(golden.Method, golden.Path, golden.RequestBody);
        Assert.Equal(golden.Status, status);
        JsonAssert.Same(golden.Body, body);
        Assert.Equal(recorded, !_workflow.Recorded.IsEmpty);
        Assert.Empty(_workflow.Submitted);
    }

    [Fact]
    public async Task Recorded_BadSchema_IsRejectedWithTheRecordedPlaces()
    {
        var golden = GoldenExchange.Single("workflow-submit-badschema");
        var (status, body) = await _gateway.Json(golden.Method, golden.Path, golden.RequestBody);
        Assert.Equal(golden.Status, status);
        Assert.Equal(("USAGE", "bad"), ((string?)body!["error_code"], (string?)body["workflow_id"]));
        foreach (var place in (string[])["workflow.tasks.0.image", "workflow.tasks.0.command", "workflow.tasks.0.imagee"])
        {
            Assert.Contains(place, (string)body["message"]!);
        }

        var record = Assert.Single(_workflow.Recorded);
        Assert.Equal(("bad", "testuser", "default"), (record.Name, record.User, record.Pool));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    [InlineData(5000, false)]
    public async Task Submit_WithATooLongName_IsRecordedUnderItOnlyIfADatabaseCanIndexIt(int length, bool underItsName)
    {
        var name = new string('n', length);
        var (status, body) = await Submit(Hello.Replace("hello", name, StringComparison.Ordinal));
        Assert.Equal((400, "USER", name), (status, (string?)body!["error_code"], (string?)body["workflow_id"]));
        var record = Assert.Single(_workflow.Recorded);
        Assert.Equal(underItsName ? name : $"failed-{record.WorkflowUuid}", record.Name);
    }

    [Fact]
    public async Task Cycle_IsTheUsersFault()
    {
        var golden = GoldenExchange.Single("workflow-submit-cycle");
        Assert.Equal(400, (await _gateway.Json(golden.Method, golden.Path, golden.RequestBody)).Status);
    }

    [Fact]
    public async Task Submit_SendsTheNormalFormAndEverythingElse()
    {
        var body = new JsonObject { ["file"] = Hello, ["uploaded_templated_spec"] = "the original" };
        var (status, _) = await _gateway.Json(
            "POST", "/api/pool/default/workflow?priority=LOW&label=team=robots&env_vars=A=b=c&app_uuid=u&app_version=3", body,
            ("x-osmo-user", "ann"), ("x-osmo-roles", "osmo-user,osmo-admin"));
        Assert.Equal(200, status);
        var submitted = Assert.Single(_workflow.Submitted);
        Assert.Matches("^[0-9a-f]{32}$", submitted.WorkflowUuid);
        Assert.Equal(("hello", "ann", "default", "LOW", "the original", true),
            (submitted.Name, submitted.User, submitted.Pool, submitted.Priority, submitted.TemplateText, submitted.IsAdministrator));
        Assert.Equal("robots", submitted.Labels["team"]);
        Assert.Equal(("u", 3), (submitted.Origin.AppUuid, submitted.Origin.AppVersion));
        Assert.StartsWith("version: 2\nworkflow:\n", submitted.SpecText);
        Assert.Contains("A: b=c", submitted.SpecText);
    }

    [Fact]
    public async Task Submit_WhoseAnswerIsLost_IsSentOnceMoreWithTheSameUuid()
    {
        _workflow.OnSubmit = _ => _workflow.Submitted.Count == 1 ? throw new TimeoutException("No answer.") : new("hello-1", null);
        var (status, body) = await Submit();
        Assert.Equal((200, "hello-1"), (status, (string?)body!["name"]));
        Assert.Equal(2, _workflow.Submitted.Count);
        Assert.Single(_workflow.Submitted.Select(submit => submit.WorkflowUuid).Distinct());
    }

    [Fact]
    public async Task Submit_RefusedByTheWorkflow_IsTheRefusal()
    {
        _workflow.OnSubmit = _ => new(null, new Refusal("USAGE", "No."));
        var (status, body) = await Submit();
        Assert.Equal((400, """{"message":"No.","error_code":"USAGE","workflow_id":null}"""), (status, body!.ToJsonString()));
    }

    [Theory]
    [InlineData("/api/pool/default/workflow", false, "USAGE", "Need to provide either file contents or workflow ID.")]
    [InlineData(
        "/api/pool/default/workflow?workflow_id=w-1", true, "USAGE", "Either file contents or workflow ID can be provided, but not both.")]
    [InlineData("/api/pool/default/workflow?workflow_id=w-1", false, "DATABASE", "Workflow w-1 is not found.")]
    [InlineData("/api/pool/nosuch/workflow", true, "USER", "Pool nosuch not found.")]
    [InlineData("/api/pool/default/workflow?env_vars=A", true, "USAGE", "Environment variable A is incorrectly formatted\n  allowed: KEY=VALUE")]
    public async Task Submit_OfWhatCannotBe_IsRefused(string path, bool withBody, string code, string message)
    {
        var (status, body) = await _gateway.Json("POST", path, withBody ? new JsonObject { ["file"] = Hello } : null);
        Assert.Equal((400, code, message), (status, (string?)body!["error_code"], (string?)body["message"]));
        Assert.Empty(_workflow.Submitted);
        Assert.Empty(_workflow.Recorded);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("osmo-admin", false)]
    public async Task Row06_SubmitToAPoolInMaintenance_OnlyByAdministrators(string roles, bool refused)
    {
        await _gateway.Configure(defaults => defaults with { Pools = defaults.Pools.SetItem(
            "default", defaults.Pools["default"] with { EnableMaintenance = true }) });
        var (status, body) = await _gateway.Json(
            "POST", "/api/pool/default/workflow", new JsonObject { ["file"] = Hello }, ("x-osmo-roles", roles));
        Assert.Equal(refused ? 400 : 200, status);
        Assert.Equal(
            refused, ((string?)body!["message"])?.StartsWith("Pool default is undergoing maintenance.", StringComparison.Ordinal) ?? false);
        Assert.Empty(_workflow.Recorded);
    }

    [Fact]
    public async Task Row04_SubmitWithABadCredential_IsRefusedAndRecordedWithItsText()
    {
        var text = Hello.Replace("image: ubuntu:24.04", "image: ubuntu:24.04\n    credentials: {nobodys: /mnt}", StringComparison.Ordinal);
        var (status, body) = await _gateway.Json("POST", "/api/pool/default/workflow", new JsonObject { ["file"] = text });
        Assert.Equal((400, "CREDENTIAL"), (status, (string?)body!["error_code"]));
        Assert.Empty(_workflow.Submitted);
        Assert.Contains("nobodys", Assert.Single(_workflow.Recorded).SpecText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_ThatTheWorkflowRefuses_SaysWhy()
    {
        _workflow.OnSubmit = _ => new(null, new Refusal("USER", "User testuser cannot submit more than 1 ongoing workflows."));
        var (status, body) = await Submit();
        Assert.Equal((400, "User testuser cannot submit more than 1 ongoing workflows."), (status, (string?)body!["message"]));
    }

    [Fact]
    public async Task Resubmit_TakesTheStoredTextAndLabels()
    {
        var stored = GoldenExchange.Single("workflow-query-completed").Body!.DeepClone();
        stored["labels"] = new JsonObject { ["team"] = "robots" };
        await GoldenWorkflow.Store(_gateway, stored);
        var text = new SpecDocument(null, Hello, "template");
        await _gateway.Put(new RowKey(RowKind.Spec, (string)stored["uuid"]!), text, DocumentJson.Default.SpecDocument);
        var (status, _) = await _gateway.Json("POST", "/api/pool/default/workflow?workflow_id=hello-osmo-1&label=run=2");
        Assert.Equal(200, status);
        var submitted = Assert.Single(_workflow.Submitted);
        Assert.Equal(("hello-osmo", 1), (submitted.Origin.ParentName, submitted.Origin.ParentNumber));
        Assert.Equal(["run=2", "team=robots"], submitted.Labels.Select(label => $"{label.Key}={label.Value}").Order());
    }

    [Theory]
    [InlineData("pool-list-json")]
    [InlineData("pool-list-unknown")]
    [InlineData("resource-list")]
    [InlineData("resource-info-pool-platform")]
    public async Task Recorded_PoolsAndResources_AreGivenAgain(string name)
    {
        await _gateway.Put(
            new RowKey(RowKind.Backend, "default"),
            new BackendDocument
            {
                Name = "default",
                KubernetesUid = "uid",
                Namespace = "default",
                Version = "6.4.0",
                NodeConditionPrefix = "osmo.nvidia.com/",
                CreatedDate = DateTime.UtcNow,
                LastHeartbeat = DateTime.UtcNow,
            },
            DocumentJson.Default.BackendDocument);
        foreach (var golden in GoldenExchange.Load(name))
        {
            var (status, body) = await _gateway.Json(golden.Method, golden.Path);
            Assert.Equal(golden.Status, status);
            foreach (var node in golden.Body!["resources"]?.AsArray() ?? [])
            {
                // The recorded node reported Ki; clients read bytes (contract: api-rest §13), whatever was reported.
                (node!["allocatable_fields"]!["storage"], node["usage_fields"]!["storage"]) = ("1099511627776", "0");
            }

            JsonAssert.Same(golden.Body, body);
        }
    }

    [Fact]
    public async Task Resource_Unknown_Is404()
    {
        var (status, body) = await _gateway.Json("GET", "/api/resources/nosuch");
        Assert.Equal((404, "Resource nosuch does not exist!"), (status, (string?)body!["message"]));
    }

    private Task<(int Status, JsonNode? Body)> Submit(string file = Hello) =>
        _gateway.Json("POST", "/api/pool/default/workflow", new JsonObject { ["file"] = file });

    /// <summary>A node as its operator must have reported it for the recorded listing.</summary>
    private Task Store(JsonNode entry)
    {
        var allocatable = entry["allocatable_fields"]!;
        var document = new NodeDocument
        {
            Backend = (string)entry["backend"]!,
            Hostname = (string)entry["hostname"]!,
            Available = true,
            LabelFields = Fields(("kubernetes.io/hostname", entry["hostname"])),
            AllocatableFields = Fields(("cpu", allocatable["cpu"]), ("memory", allocatable["memory"]), (
                "ephemeral-storage", allocatable["storage"]), ("nvidia.com/gpu", allocatable["gpu"])),
            UsageFields = Fields(("cpu", "0"), ("memory", "0Ki"), ("ephemeral-storage", "0Ki"), ("nvidia.com/gpu", "0")),
            NonWorkflowUsageFields = entry["non_workflow_usage_fields"]!.AsObject().ToImmutableSortedDictionary(
                field => field.Key, field => (string)field.Value!),
        };
        return _gateway.Put(new RowKey(RowKind.Node, document.Backend, document.Hostname), document, DocumentJson.Default.NodeDocument);
    }

    private static ImmutableSortedDictionary<string, string> Fields(params (string Name, JsonNode? Value)[] fields) =>
        fields.ToImmutableSortedDictionary(field => field.Name, field => (string)field.Value!);
}
