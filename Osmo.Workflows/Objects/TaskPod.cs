using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>The pod of one attempt: generated, then overlaid with the platform's template (contract: backend-protocol §11, §12).</summary>
internal static class TaskPod
{
    /// <summary>Volumes with a name only are emptyDir.</summary>
    private static readonly ImmutableArray<string> EmptyVolumes = ["osmo", "osmo-data", "osmo-login", "osmo-usr-bin", "osmo-run"];

    public static JsonObject Build(TaskContext task, TaskFiles files)
    {
        var group = task.Group;
        KeyValuePair<string, string>[] labels =
        [
            .. group.Labels, .. GroupLabels.OfTask(group.Plan, task.Plan, task.Platform.Name, task.Attempt.RetryId),
        ];
        var variables = TemplateVariables.OfTask(task, labels);
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = Metadata(task),
            ["spec"] = Spec(task, files, variables),
        };
        var template = new ObjectTemplate(
            group.Request.Renderer, variables, ObjectTemplate.Limits(group.Workflow), $"the pod template of platform {task.Platform.Name}");
        TemplateMerge.Into(pod, template.Render(task.Platform.PodTemplate));

        // What the operator selects and the scheduler reads must not be changed by a template.
        var final = pod["metadata"]!["labels"]!.AsObject();
        foreach (var (key, value) in task.Platform.NodeSelector.Concat(labels).Concat(SchedulerLabels(task)))
        {
            final[key] = value;
        }

        return pod;
    }

    private static JsonObject Metadata(TaskContext task)
    {
        var group = task.Group;
        var metadata = new JsonObject
        {
            ["name"] = ObjectNames.Pod(group.Plan.WorkflowUuid, task.Plan.Uuid),
            ["finalizers"] = PodJson.Texts([ObjectNames.CleanupFinalizer]),
            ["labels"] = GroupLabels.ToObject(group.WorkflowLabels),
        };
        if (group.IsKai)
        {
            metadata["annotations"] = new JsonObject { ["pod-group-name"] = group.Group.Uuid };
        }

        return metadata;
    }

    private static JsonObject Spec(TaskContext task, TaskFiles files, TemplateValues variables)
    {
        var group = task.Group;
        var spec = new JsonObject();
        if (group.IsKai)
        {
            spec["schedulerName"] = group.Scheduler.SchedulerName;
        }

        spec["restartPolicy"] = "Never";
        spec["hostNetwork"] = task.Spec.HostNetwork;
        spec["imagePullSecrets"] = new JsonArray([.. ImagePullSecrets.Names(group).Select(name => new JsonObject { ["name"] = name })]);
        if (group.HasPeers)
        {
            spec["hostname"] = task.Plan.Uuid;
            spec["subdomain"] = ObjectNames.HeadlessService(group.Group.Uuid);
        }

        spec["initContainers"] = new JsonArray(InitContainer.Build(task, files));
        spec["containers"] = new JsonArray(UserContainer.Build(task, files, variables), ControlContainer.Build(task, files));
        spec["volumes"] = new JsonArray(
        [
            .. EmptyVolumes.Select(name => new JsonObject { ["name"] = name }),
            .. files.Distinct.Select(file => file.Volume()),
            .. HostMounts.Of(task.Spec).Select(mount => mount.Volume()),
        ]);
        return spec;
    }

    private static IEnumerable<KeyValuePair<string, string>> SchedulerLabels(TaskContext task)
    {
        var group = task.Group;
        if (!group.IsKai)
        {
            yield break;
        }

        yield return new("kai.scheduler/queue", group.Queue);
        yield return new("runai/queue", group.Queue);
        if (group.Topology.SubgroupOf(task.Plan.Name) is { } subgroup)
        {
            yield return new("kai.scheduler/subgroup-name", subgroup);
        }
    }
}
