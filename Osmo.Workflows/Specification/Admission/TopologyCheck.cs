namespace Osmo.Workflows.Specification.Admission;

/// <summary>Tasks that ask for topology must all use the same keys; the others do not matter (contract: workflow-spec §8.4).</summary>
internal static class TopologyCheck
{
    public static AdmissionFault? UnevenKeys(Submission submission)
    {
        var demanding = submission.Tasks.Where(task => !task.Resource.Topology.IsEmpty).ToList();
        return AdmissionFault.Of(
            SpecErrorCode.Resource,
            from task in demanding
            let first = demanding[0]
            where !Keys(task).SetEquals(Keys(first))
            select task.Problem(
                "resource",
                "Topology validation failed: all tasks with topology must use the same keys, "
                + $"but task {first.Spec.Name} uses {Shown(first)} and task {task.Spec.Name} uses {Shown(task)}.",
                Shown(task),
                Shown(first)));
    }

    private static HashSet<string> Keys(PlacedTask task) =>
        task.Resource.Topology.Select(topology => topology.Key).ToHashSet(StringComparer.Ordinal);

    private static string Shown(PlacedTask task) => $"[{string.Join(", ", Keys(task).Order(StringComparer.Ordinal))}]";
}
