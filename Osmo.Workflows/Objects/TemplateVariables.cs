using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>Variables of pod and group templates that tell whose object it is (contract: backend-protocol §11 "Pod templates").</summary>
internal static class TemplateVariables
{
    private const string LabelPrefix = "osmo.";
    private const string WorkflowPrefix = "WORKFLOW_";

    public static TemplateValues OfTask(TaskContext task, IEnumerable<KeyValuePair<string, string>> systemLabels)
    {
        try
        {
            return ResourceVariables.Of(task.Resource, task.Spec.CacheSize, task.Platform.Variables)
                .With("USER_CONTAINER_NAME", new TemplateValue.Text(task.ContainerName))
                .WithLabels(systemLabels);
        }
        catch (FormatException error)
        {
            throw new GroupBuildException($"Resources of task {task.Plan.Name}: {error.Message}");
        }
    }

    public static TemplateValues OfGroup(GroupContext group)
    {
        var variables = TemplateValues.Empty;
        foreach (var (name, value) in group.Pool.Config.CommonDefaultVariables)
        {
            variables = variables.With(name, TemplateJson.Value(value));
        }

        return variables.WithLabels(group.Labels).With("WF_POOL", new TemplateValue.Text(group.Plan.Pool));
    }

    /// <summary><c>osmo.workflow_uuid</c> is <c>WF_UUID</c>, <c>osmo.pool</c> is <c>WF_POOL</c>.</summary>
    private static TemplateValues WithLabels(this TemplateValues variables, IEnumerable<KeyValuePair<string, string>> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (key.StartsWith(LabelPrefix, StringComparison.Ordinal))
            {
                var name = key[LabelPrefix.Length..].ToUpperInvariant();
                name = name.StartsWith(WorkflowPrefix, StringComparison.Ordinal) ? name[WorkflowPrefix.Length..] : name;
                variables = variables.With($"WF_{name}", new TemplateValue.Text(value));
            }
        }

        return variables;
    }
}
