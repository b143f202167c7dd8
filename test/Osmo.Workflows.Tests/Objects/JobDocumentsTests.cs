using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Tests.Objects;

/// <summary>Contract: backend-protocol §10.1.</summary>
public sealed class JobDocumentsTests
{
    private static readonly GoldenCase Pair = GoldenCase.Read("barrier-and-host-tokens");

    private static WorkflowPlan Plan => Pair.Plan;

    private static GroupPlan Group => Pair.Plan.Groups[0];

    [Fact]
    public void CreateGroup_Document_HasTheContractsMembers()
    {
        var job = new BackendJob.CreateGroup { JobId = "0123-pair-submit", Group = "pair", Sequence = 1 };
        ImmutableArray<JsonObject> Objects() => [new JsonObject { ["kind"] = "Secret" }];
        var document = JobDocuments.CreateGroup(Plan, Group, job, Objects());
        var uuid = $"{document["job_uuid"]}";
        Assert.True(Guid.TryParseExact(uuid, "D", out _), uuid);
        AssertJson(
            $$"""
            {"super_type": "frontend", "job_type": "CreateGroup", "job_id": "0123-pair-submit", "job_uuid": "{{uuid}}", "backend": "default",
             "user": "jo.doe@example.com", "workflow_uuid": "0123456789abcdef0123456789abcdef", "group_name": "pair", "k8s_resources": [{"kind": "Secret"}]}
            """,
            document);
        Assert.Equal(uuid, $"{JobDocuments.CreateGroup(Plan, Group, job, Objects())["job_uuid"]}");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void CleanupGroup_Document_SelectsTheGroupsObjects(bool errorLogs, bool force)
    {
        var job = new BackendJob.CleanupGroup { JobId = "j", Group = "pair", Sequence = 2, ErrorLogs = errorLogs, Force = force };
        var specs =
            CleanupSpecs.OfGroup(Plan, Group, CleanupSpecs.BroughtIn(SchedulerType.Kai, [new ObjectKind("v1", "ConfigMap"), new ObjectKind("v1", "Secret")]));
        var document = JobDocuments.CleanupGroup(Plan, Group, job, specs, 100);
        const string labels = """{"osmo.workflow_uuid": "0123456789abcdef0123456789abcdef", "osmo.group_uuid": "99998888777766665555444433332222"}""";
        string Spec(string apiVersion, string kind) => $$$"""{"labels": {{{labels}}}, "generic_api": {"api_version": "{{{apiVersion}}}", "kind": "{{{kind}}}"}}""";
        AssertJson(
            $"[{Spec("v1", "Secret")}, {Spec("v1", "Service")}, {Spec("v1", "Pod")}, {Spec("scheduling.run.ai/v2alpha2", "PodGroup")}, {Spec("v1", "ConfigMap")}]",
            document["cleanup_specs"]);
        AssertJson(errorLogs ? $$"""{"labels": {{labels}}, "resource_type": "Pod"}""" : "null", document["error_log_spec"]);
        Assert.Equal(force, document["force_delete"]!.GetValue<bool>());
        Assert.Equal(100, document["max_log_lines"]!.GetValue<int>());
        Assert.Equal("CleanupGroup", $"{document["job_type"]}");
    }

    [Fact]
    public void CleanupSpecs_DefaultScheduler_KnowsNoPodGroup() =>
        Assert.Empty(CleanupSpecs.BroughtIn(SchedulerType.Default, []));

    [Fact]
    public void RescheduleTask_Document_RemovesTheOldAttemptAndCreatesTheNew()
    {
        var job =
            new BackendJob.RescheduleTask { JobId = "w-client-2-reschedule", Group = "pair", Sequence = 3, Task = "client", RetryId = 2 };
        var document = JobDocuments.RescheduleTask(Plan, Group, job, [new JsonObject { ["kind"] = "Pod" }], 100);
        Assert.Equal(2, document["retry_id"]!.GetValue<int>());
        Assert.Equal("client", $"{document["task_name"]}");
        Assert.False(document["lead_task"]!.GetValue<bool>());
        const string pod =
            """
            {"labels": {"osmo.workflow_uuid": "0123456789abcdef0123456789abcdef", "osmo.group_uuid": "99998888777766665555444433332222",
             "osmo.task_name": "client", "osmo.retry_id": "1"}, "resource_type": "Pod"}
            """;
        AssertJson($"[{pod}]", document["cleanup_job"]!["cleanup_specs"]);
        AssertJson(pod, document["cleanup_job"]!["error_log_spec"]);
        Assert.Equal("CleanupGroup", $"{document["cleanup_job"]!["job_type"]}");
        Assert.Equal("CreateGroup", $"{document["create_job"]!["job_type"]}");
        AssertJson("""[{"kind": "Pod"}]""", document["create_job"]!["k8s_resources"]);
    }

    [Fact]
    public void LabelNode_Document_NamesTheNode()
    {
        var job = new BackendJob.LabelNode
        {
            JobId = "n1-abcde-labelnode", Group = "pair", Sequence = 4, Node = "n1",
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add("osmo.nvidia.com/verified", "False"),
        };
        var document = JobDocuments.LabelNode(Plan, job);
        Assert.Equal("backend", $"{document["super_type"]}");
        Assert.Equal("n1", $"{document["node_name"]}");
        Assert.Equal("0123456789abcdef0123456789abcdef", $"{document["workflow_uuid"]}");
        AssertJson("""{"osmo.nvidia.com/verified": "False"}""", document["labels"]);
    }

    [Fact]
    public void ChangeNothing_Document_LooksAtNoKind()
    {
        var document = JobDocuments.ChangeNothing("default-modify-queues-1", "default");
        AssertJson(
            """
            {"super_type": "backend", "job_type": "BackendSynchronizeQueues", "backend": "default", "cleanup_specs": [], "k8s_resources": [], "immutable_kinds": []}
            """,
            new JsonObject(document.Where(field => field.Key is not ("job_id" or "job_uuid")).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))));
    }

    [Fact]
    public void SynchronizeQueues_Document_HasQueuesAndTopologies()
    {
        var pools = GoldenCase.Read("topology").Request().Configuration.Pools.Values;
        var document = JobDocuments.SynchronizeQueues("default-modify-queues-1", "default", "ns", pools);
        AssertJson(
            """
            [{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "osmo-default-ns", "labels": {"osmo.namespace": "ns"}},
              "spec": {"resources": {"gpu": {"quota": -1, "limit": -1, "overQuotaWeight": 1}, "cpu": {"quota": -1, "limit": -1, "overQuotaWeight": 1},
                "memory": {"quota": -1, "limit": -1, "overQuotaWeight": 1}}}},
             {"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "osmo-pool-ns-default", "labels": {"osmo.namespace": "ns"}},
              "spec": {"parentQueue": "osmo-default-ns", "resources": {"gpu": {"quota": -1, "limit": -1, "overQuotaWeight": 1},
                "cpu": {"quota": -1, "limit": -1, "overQuotaWeight": 1}, "memory": {"quota": -1, "limit": -1, "overQuotaWeight": 1}}}},
             {"apiVersion": "kai.scheduler/v1alpha1", "kind": "Topology",
              "metadata": {"name": "osmo-pool-ns-default-topology", "labels": {"osmo.namespace": "ns", "osmo.pool": "default"}},
              "spec": {"levels": [{"nodeLabel": "topology.kubernetes.io/zone"}, {"nodeLabel": "example.com/rack"}]}}]
            """,
            document["k8s_resources"]);
        AssertJson("""["Topology"]""", document["immutable_kinds"]);
        Assert.Equal(2, document["cleanup_specs"]!.AsArray().Count);
    }

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());
}
