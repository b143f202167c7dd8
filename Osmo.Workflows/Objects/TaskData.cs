using System.Collections.Immutable;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>What a task reads and writes, in the words of its runtime (contract: runtime-protocol §16.1).</summary>
internal static class TaskData
{
    /// <summary><c>-inputs</c> and <c>-outputs</c> with their values, in order.</summary>
    public static ImmutableArray<string> Arguments(TaskContext task)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        for (var index = 0; index < task.Spec.Inputs.Length; index++)
        {
            var input = task.Spec.Inputs[index];
            var kind = input is InputSpec.FromUrl ? "url" : "task";
            arguments.AddRange("-inputs", $"{kind}:{index},{InputUrl(task, input)},{input.Regex}");
        }

        foreach (var output in Outputs(task))
        {
            arguments.AddRange("-outputs", output);
        }

        return arguments.DrainToImmutable();
    }

    public static string InputUrl(TaskContext task, InputSpec input) => input switch
    {
        InputSpec.FromTask from => TaskOutput(task, task.Group.Plan.WorkflowId, from.Task),
        InputSpec.FromOtherWorkflow from => TaskOutput(task, from.WorkflowId, from.Task),
        InputSpec.FromUrl from => from.Url,
        _ => throw new InvalidOperationException($"Unknown input {input.GetType().Name}."),
    };

    private static IEnumerable<string> Outputs(TaskContext task)
    {
        var group = task.Group;
        var isRead = !group.Group.Downstream.IsEmpty;

        // An installation without workflow_data can still run tasks whose output nobody reads.
        if (isRead || (task.Spec.Outputs.IsEmpty && group.Workflow.WorkflowData.Credential is not null))
        {
            yield return $"task:{TaskOutput(task, group.Plan.WorkflowId, task.Plan.Name)}";
        }

        foreach (var kpi in task.Spec.Kpis)
        {
            var slash = kpi.Path.LastIndexOf('/');
            var folder = slash <= 0 ? "" : $"/{kpi.Path[..slash].TrimStart('/')}";
            yield return $"kpi:{TaskOutput(task, group.Plan.WorkflowId, task.Plan.Name)}{folder},{kpi.Path}";
        }

        foreach (var output in task.Spec.Outputs)
        {
            yield return $"url:{output.Url},{output.Regex}";
        }
    }

    private static string TaskOutput(TaskContext task, string workflowId, string name)
    {
        var credential = task.Group.Workflow.WorkflowData.Credential
            ?? throw new GroupBuildException(
                $"Task {task.Plan.Name} exchanges data with other tasks, but workflow_data has no storage configured.");
        return $"{credential.Endpoint.TrimEnd('/')}/{workflowId}/{name}";
    }
}
