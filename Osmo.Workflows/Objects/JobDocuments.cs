using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Objects;

/// <summary>Job documents as an operator reads them (contract: backend-protocol §10.1). The same job gives the same document;
/// objects that are handed over become part of it.</summary>
public static class JobDocuments
{
    private const string GroupJob = "frontend";
    private const string BackendOnlyJob = "backend";

    public static JsonObject CreateGroup(
        WorkflowPlan plan, GroupPlan group, BackendJob.CreateGroup job, ImmutableArray<JsonObject> objects) =>
        CreateObjects(plan, group, job.JobId, objects);

    /// <param name="plan">The workflow.</param>
    /// <param name="group">The job's group.</param>
    /// <param name="job">What is to be done.</param>
    /// <param name="cleanupSpecs">From <see cref="CleanupSpecs.OfGroup"/>.</param>
    /// <param name="maxLogLines">Of each failed container: <c>max_error_log_lines</c>.</param>
    public static JsonObject CleanupGroup(
        WorkflowPlan plan, GroupPlan group, BackendJob.CleanupGroup job, JsonArray cleanupSpecs, int maxLogLines) =>
        Cleanup(plan, group, job.JobId, cleanupSpecs, job.ErrorLogs ? CleanupSpecs.PodsOfGroup(plan, group) : null, job.Force, maxLogLines);

    /// <param name="plan">The workflow.</param>
    /// <param name="group">The job's group.</param>
    /// <param name="job">What is to be done.</param>
    /// <param name="objects">From <see cref="GroupObjects.BuildTask"/>, for the new attempt.</param>
    /// <param name="maxLogLines">Of each failed container of the old attempt.</param>
    public static JsonObject RescheduleTask(
        WorkflowPlan plan, GroupPlan group, BackendJob.RescheduleTask job, ImmutableArray<JsonObject> objects, int maxLogLines)
    {
        JsonObject OldPod() => CleanupSpecs.PodOfAttempt(plan, group, job.Task, job.RetryId - 1);
        var document = Common(GroupJob, "RescheduleTask", job.JobId, plan);
        document["group_name"] = group.Name;
        document["task_name"] = job.Task;
        document["lead_task"] = group.Tasks.Any(task => task.Name == job.Task && task.Lead);
        document["retry_id"] = job.RetryId;
        document["create_job"] = CreateObjects(plan, group, $"{job.JobId}-create", objects);
        document["cleanup_job"] = Cleanup(plan, group, $"{job.JobId}-cleanup", [OldPod()], OldPod(), force: false, maxLogLines);
        return document;
    }

    public static JsonObject LabelNode(WorkflowPlan plan, BackendJob.LabelNode job)
    {
        var document = Common(BackendOnlyJob, "LabelNode", job.JobId, plan);
        document["node_name"] = job.Node;
        document["labels"] = GroupLabels.ToObject(job.Labels);
        return document;
    }

    /// <summary>Makes the backend's queues and topologies those of its pools.</summary>
    /// <param name="jobId">New for every change: an operator may skip an id it has seen.</param>
    /// <param name="backend">Name of the backend.</param>
    /// <param name="namespace">Of the backend's pods.</param>
    /// <param name="pools">All pools of the backend.</param>
    public static JsonObject SynchronizeQueues(string jobId, string backend, string @namespace, IEnumerable<PoolModel> pools)
    {
        var document = Common(BackendOnlyJob, "BackendSynchronizeQueues", jobId, backend);
        document["cleanup_specs"] = new JsonArray(
            CleanupSpecs.Generic(SchedulerObjects.QueueKind, SchedulerObjects.NamespaceLabels(@namespace)),
            CleanupSpecs.Generic(SchedulerObjects.TopologyKind, SchedulerObjects.NamespaceLabels(@namespace)));
        document["k8s_resources"] = new JsonArray([.. SchedulerObjects.ForBackend(@namespace, pools)]);
        document["immutable_kinds"] = new JsonArray("Topology");
        return document;
    }

    /// <summary>Looks at no kind and wants no object: for its answer alone.</summary>
    /// <param name="jobId">As of <see cref="SynchronizeQueues"/>.</param>
    /// <param name="backend">Name of the backend.</param>
    public static JsonObject ChangeNothing(string jobId, string backend)
    {
        var document = Common(BackendOnlyJob, "BackendSynchronizeQueues", jobId, backend);
        document["cleanup_specs"] = new JsonArray();
        document["k8s_resources"] = new JsonArray();
        document["immutable_kinds"] = new JsonArray();
        return document;
    }

    /// <summary>Makes the backend's tests these.</summary>
    /// <param name="jobId">New for every change; an operator dies of one without <c>sync-tests</c> in it.</param>
    /// <param name="backend">Name of the backend.</param>
    /// <param name="nodeConditionPrefix">As the operator has announced it.</param>
    /// <param name="tests">All tests of the backend.</param>
    public static JsonObject SynchronizeTests(string jobId, string backend, string nodeConditionPrefix, IEnumerable<BackendTestModel> tests)
    {
        var document = Common(BackendOnlyJob, "BackendSynchronizeBackendTest", jobId, backend);
        var configs = new JsonObject();
        foreach (var test in tests)
        {
            var config = JsonSerializer.SerializeToNode(test.Config, ConfigurationJson.Masked)!;
            config["parsed_pod_template"] = JsonObject.Create(test.PodTemplate);
            configs[test.Config.Name] = config;
        }

        document["test_configs"] = configs;
        document["node_condition_prefix"] = nodeConditionPrefix;
        return document;
    }

    private static JsonObject CreateObjects(WorkflowPlan plan, GroupPlan group, string jobId, ImmutableArray<JsonObject> objects)
    {
        var document = Common(GroupJob, "CreateGroup", jobId, plan);
        document["group_name"] = group.Name;
        document["k8s_resources"] = new JsonArray([.. objects]);
        return document;
    }

    private static JsonObject Cleanup(
        WorkflowPlan plan, GroupPlan group, string jobId, JsonArray specs, JsonObject? errorLogSpec, bool force, int maxLogLines)
    {
        var document = Common(GroupJob, "CleanupGroup", jobId, plan);
        document["group_name"] = group.Name;
        document["cleanup_specs"] = specs;
        document["error_log_spec"] = errorLogSpec;
        document["force_delete"] = force;
        document["max_log_lines"] = maxLogLines;
        return document;
    }

    private static JsonObject Common(string superType, string jobType, string jobId, WorkflowPlan plan)
    {
        var document = Common(superType, jobType, jobId, plan.Backend);
        document["user"] = plan.User;
        document["workflow_uuid"] = plan.WorkflowUuid;
        return document;
    }

    private static JsonObject Common(string superType, string jobType, string jobId, string backend) => new()
    {
        ["super_type"] = superType,
        ["job_type"] = jobType,
        ["job_id"] = jobId,
        ["job_uuid"] = JobUuid(jobId),
        ["backend"] = backend,
    };

    /// <summary>Of the id alone, so that a document that is built again is the same document.</summary>
    private static string JobUuid(string jobId) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(jobId)).AsSpan(0, 16)).ToString();
}
