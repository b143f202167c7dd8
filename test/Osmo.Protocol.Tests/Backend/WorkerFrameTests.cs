using System.Text;
using System.Text.Json.Nodes;
using Osmo.Protocol.Backend;

namespace Osmo.Protocol.Tests.Backend;

/// <summary>contract: backend-protocol §7, §10.1.</summary>
public sealed class WorkerFrameTests
{
    private const string Common = "\"job_id\": \"id\", \"job_uuid\": \"u\", \"backend\": \"b\", \"super_type\": \"frontend\", \"unknown\": 1";

    private const string Cleanup = """
        "workflow_uuid": "w", "group_name": "g", "max_log_lines": 100, "force_delete": true,
        "cleanup_specs": [{"labels": {"a": "b"}, "generic_api": {"api_version": "apps/v1", "kind": "Job"}}, {"labels": {}, "resource_type": "Pod"}],
        "error_log_spec": null
        """;

    [Fact]
    public void EncodeJob_Document_DecodesToTheSame()
    {
        var document = JsonNode.Parse("""{"job_type": "LabelNode", "text": "grüße"}""")!.AsObject();

        var frame = WorkerFrame.EncodeJob(document);

        Assert.Equal(0x78, frame.Span[0]); // the zlib header of RFC 1950
        var job = Assert.IsType<WorkerFrame.Job>(WorkerFrame.Decode(frame, isBinary: true));
        Assert.True(JsonNode.DeepEquals(document, job.Document));
    }

    [Fact]
    public void Decode_HeartbeatText_IsHeartbeat() =>
        Assert.IsType<WorkerFrame.Heartbeat>(WorkerFrame.Decode(WorkerFrame.HeartbeatText, isBinary: false));

    [Fact]
    public void Decode_OtherTextObject_IsJob() =>
        Assert.IsType<WorkerFrame.Job>(WorkerFrame.Decode(Encoding.UTF8.GetBytes("""{"type": 3}"""), isBinary: false));

    [Theory]
    [InlineData("[]", false)]
    [InlineData("{", false)]
    [InlineData("{}", true)]
    [InlineData("""{"job_id": "a", "job_id": "b"}""", false)]
    [InlineData("""{"type": "\uD800"}""", false)]
    public void Decode_Garbage_IsInvalid(string frame, bool isBinary) =>
        Assert.IsType<WorkerFrame.Invalid>(WorkerFrame.Decode(Encoding.UTF8.GetBytes(frame), isBinary));

    [Fact]
    public void Read_CreateGroup_HoldsObjectsInOrder()
    {
        var job = Read<BackendJob.CreateGroup>($$"""
            {"job_type": "CreateGroup", {{Common}}, "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{"kind": "Secret"}, {"kind": "Pod"}]}
            """);

        Assert.Equal(["Secret", "Pod"], job.Resources.Select(resource => (string?)resource["kind"]));
        Assert.Equal(("id", "u", "b", "w", "g"), (job.JobId, job.JobUuid, job.Backend, job.WorkflowUuid, job.GroupName));
    }

    [Fact]
    public void Read_CleanupGroup_ResolvesBothFormsOfKinds()
    {
        var job = Read<BackendJob.CleanupGroup>($$"""{"job_type": "CleanupGroup", {{Common}}, {{Cleanup}} }""");

        Assert.Equal([new GenericApi("apps/v1", "Job"), new GenericApi("v1", "Pod")], job.CleanupSpecs.Select(spec => spec.Api!));
        Assert.True(job.ForceDelete);
        Assert.Null(job.ErrorLogSpec);
        Assert.Equal(100, job.MaxLogLines);
    }

    [Fact]
    public void Read_RescheduleTask_HoldsBothJobs()
    {
        var job = Read<BackendJob.RescheduleTask>($$"""
            {"job_type": "RescheduleTask", {{Common}}, "workflow_uuid": "w", "retry_id": 2, "task_name": "t", "lead_task": true,
             "create_job": {"job_type": "CreateGroup", {{Common}}, "workflow_uuid": "w", "group_name": "g", "k8s_resources": []},
             "cleanup_job": {"job_type": "CleanupGroup", {{Common}}, {{Cleanup}}} }
            """);

        Assert.Equal((2, "g", "g"), (job.RetryId, job.CreateJob.GroupName, job.CleanupJob.GroupName));
    }

    [Theory]
    [InlineData("""{"labels": {"a": "b"}, "resource_type": "Pod"}""", 1)]
    [InlineData("""[{"labels": {"a": "b"}, "resource_type": "Pod"}, {"labels": {}, "resource_type": "Pod"}]""", 2)]
    public void Read_SynchronizeQueues_TakesOneSpecOrMany(string specs, int count)
    {
        var job = Read<BackendJob.SynchronizeQueues>($$"""
            {"job_type": "BackendSynchronizeQueues", {{Common}}, "cleanup_specs": {{specs}}, "k8s_resources": []}
            """);

        Assert.Equal(count, job.CleanupSpecs.Length);
        Assert.Null(job.ImmutableKinds);
    }

    [Fact]
    public void Read_LabelNodeAndTests_Work()
    {
        var label = Read<BackendJob.LabelNode>($$"""{"job_type": "LabelNode", {{Common}}, "node_name": "n", "labels": {"a": "b"} }""");
        Assert.Equal(("n", "b"), (label.NodeName, label.Labels["a"]));
        Assert.Empty(Read<BackendJob.SynchronizeBackendTest>($$"""
            {"job_type": "BackendSynchronizeBackendTest", {{Common}}, "test_configs": {}, "node_condition_prefix": "p/"}
            """).TestConfigs);
    }

    [Theory]
    [InlineData("""{"job_type": "Dance"}""", "allowed are BackendSynchronizeBackendTest")]
    [InlineData("""{"job_id": "x"}""", "job_type is missing")]
    [InlineData("""{"job_type": "LabelNode", "job_id": "x", "backend": "b"}""", "node_name")]
    [InlineData("""{"job_type": "CleanupGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1, "cleanup_specs": [{"labels": {}}]}""", "cleanup_specs[0] needs generic_api or resource_type")]
    [InlineData("""{"job_type": "CleanupGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1, "cleanup_specs": [{"labels": {}, "generic_api": {} }]}""", "api_version")]
    [InlineData("""{"job_type": "CleanupGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1, "cleanup_specs": [null]}""", "cleanup_specs[0] is null")]
    [InlineData("""{"job_type": "CleanupGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1, "cleanup_specs": null}""", "cleanup_specs")]
    [InlineData("""{"job_type": "CreateGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{}, null]}""", "k8s_resources[1] is null")]
    [InlineData("""{"job_type": "CreateGroup", "job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "k8s_resources": null}""", "k8s_resources")]
    [InlineData("""{"job_type": "BackendSynchronizeQueues", "job_id": "x", "backend": "b", "cleanup_specs": [], "k8s_resources": [null]}""", "k8s_resources[0] is null")]
    [InlineData("""{"job_type": "BackendSynchronizeQueues", "job_id": "x", "backend": "b", "cleanup_specs": [{"labels": {"a": null}, "resource_type": "Pod"}], "k8s_resources": []}""", "cleanup_specs[0].labels.a is null")]
    [InlineData("""{"job_type": "BackendSynchronizeQueues", "job_id": "x", "backend": "b", "cleanup_specs": [], "k8s_resources": [], "immutable_kinds": [null]}""", "immutable_kinds[0] is null")]
    [InlineData("""{"job_type": "LabelNode", "job_id": "x", "backend": "b", "node_name": "n", "labels": {"a": null} }""", "labels.a is null")]
    [InlineData("""
        {"job_type": "RescheduleTask", "job_id": "x", "backend": "b", "workflow_uuid": "w", "retry_id": 1,
         "create_job": {"job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [null]},
         "cleanup_job": {"job_id": "x", "backend": "b", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 1, "cleanup_specs": []} }
        """, "create_job.k8s_resources[0] is null")]
    public void Read_BadDocument_NamesWhatIsWrong(string document, string expected)
    {
        var invalid = Assert.IsType<ReadJob.Invalid>(BackendJobReader.Read(JsonNode.Parse(document)!.AsObject()));
        Assert.Contains(expected, invalid.Error, StringComparison.Ordinal);
    }

    private static T Read<T>(string document)
        where T : BackendJob
    {
        var read = BackendJobReader.Read(JsonNode.Parse(document)!.AsObject());
        Assert.True(read is ReadJob.Accepted, read.ToString());
        return Assert.IsType<T>(((ReadJob.Accepted)read).Job);
    }
}
