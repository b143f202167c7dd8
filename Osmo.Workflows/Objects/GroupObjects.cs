using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// The Kubernetes objects of a group: pure, and in the order in which they are to be created (contract: backend-protocol §11–13,
/// runtime-protocol §2, §3).
/// </summary>
public static class GroupObjects
{
    /// <summary>All objects of the group.</summary>
    public static GroupBuild Build(GroupRequest request) => Guard(() =>
    {
        var group = new GroupContext(request);
        var templates = GroupTemplateObjects(group);
        var files = group.Tasks.ToDictionary(task => task.Plan.Name, TaskFiles.Of, StringComparer.Ordinal);
        JsonObject[] objects =
        [
            .. templates,
            .. FileSecrets(group, files.Values.SelectMany(file => file.Distinct)),
            FileDirectory(group),
            .. UserSecrets(group),
            .. ImagePullSecrets.Build(group),
            .. group.IsKai ? [SchedulerObjects.PodGroup(group)] : Array.Empty<JsonObject>(),
            .. group.Tasks.Select(task => TaskPod.Build(task, files[task.Plan.Name])),
            .. group.HasPeers ? [HeadlessService(group)] : Array.Empty<JsonObject>(),
        ];
        var kinds =
            templates.Select(template => new ObjectKind(template["apiVersion"]!.GetValue<string>(), template["kind"]!.GetValue<string>()));
        return new GroupBuild.Built([.. objects], [.. kinds.Distinct()]);
    });

    /// <summary>
    /// The objects of one more attempt of a task: its files, then its pod; everything else of the group is still there (contract:
    /// backend-protocol §10.6).
    /// </summary>
    public static GroupBuild BuildTask(GroupRequest request, string taskName) => Guard(() =>
    {
        var group = new GroupContext(request);
        var task = group.Tasks.FirstOrDefault(task => task.Plan.Name == taskName)
            ?? throw new GroupBuildException($"Group {request.GroupName} has no task {taskName}.");
        var files = TaskFiles.Of(task);
        return new GroupBuild.Built([.. FileSecrets(group, files.Distinct), TaskPod.Build(task, files)], []);
    });

    private static GroupBuild Guard(Func<GroupBuild> build)
    {
        try
        {
            return build();
        }
        catch (GroupBuildException error)
        {
            return new GroupBuild.Failed(error.Message);
        }
    }

    private static List<JsonObject> GroupTemplateObjects(GroupContext group)
    {
        if (group.Pool.GroupTemplates.IsEmpty)
        {
            return [];
        }

        var template = new ObjectTemplate(
            group.Request.Renderer,
            TemplateVariables.OfGroup(group),
            ObjectTemplate.Limits(group.Workflow),
            $"a group template of pool {group.Pool.Name}");
        return [.. group.Pool.GroupTemplates.Select(source => Labelled(template.Render(source), group))];
    }

    /// <summary>Workflow labels, over them the template's, over them the system's.</summary>
    private static JsonObject Labelled(JsonObject rendered, GroupContext group)
    {
        var metadata = rendered["metadata"]!.AsObject();
        metadata.Remove("namespace");
        var labels = GroupLabels.ToObject(group.WorkflowLabels);
        TemplateMerge.Into(labels, metadata["labels"] as JsonObject ?? []);
        TemplateMerge.Into(labels, GroupLabels.ToObject(group.Labels));
        metadata["labels"] = labels;
        return rendered;
    }

    private static IEnumerable<JsonObject> FileSecrets(GroupContext group, IEnumerable<InjectedFile> files) =>
        files.DistinctBy(file => file.Name).Select(file => file.Secret(GroupLabels.ToObject(group.Labels)));

    private static JsonObject FileDirectory(GroupContext group) => SecretObjects.Opaque(
        ObjectNames.FileDirectorySecret(group.Group.Uuid),
        GroupLabels.ToObject(group.Labels),
        [new("fileDir", SecretObjects.Base64("/osmo/login/config"))]);

    /// <summary>One Secret for all credentials that tasks map to environment variables.</summary>
    private static IEnumerable<JsonObject> UserSecrets(GroupContext group)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var use in group.Tasks.SelectMany(task => task.Spec.Credentials).OfType<CredentialUse.AsEnvironment>())
        {
            var credential = TaskFiles.GenericCredential(group, use.Credential);
            foreach (var (_, key) in use.Variables)
            {
                values[$"{use.Credential}.{key}"] = credential.TryGetValue(key, out var value)
                    ? SecretObjects.Base64(value.Reveal())
                    : throw new GroupBuildException(
                        $"{key} is not a valid credential key please choose from {string.Join(", ", credential.Keys)}");
            }
        }

        return values.Count == 0
            ? []
            : [SecretObjects.Opaque(ObjectNames.UserSecrets(group.Group.Uuid), GroupLabels.ToObject(group.Labels), values)];
    }

    private static JsonObject HeadlessService(GroupContext group) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] =
            new JsonObject { ["name"] = ObjectNames.HeadlessService(group.Group.Uuid), ["labels"] = GroupLabels.ToObject(group.Labels) },
        ["spec"] = new JsonObject { ["clusterIP"] = "None", ["selector"] = GroupLabels.ToObject(group.Labels) },
    };
}
