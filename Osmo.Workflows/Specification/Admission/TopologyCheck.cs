namespace Osmo.Workflows.Specification.Admission;

/// <summary>Tasks that ask for topology must all use the same keys; the others do not matter (contract: workflow-spec §8.4).</summary>
internal static class TopologyCheck
{
    public static AdmissionFault? UnevenKeys(Submission submission)
    {
        var demanding = submission.Tasks.Where(task => !task.Resource.Topology.IsEmpty).ToList();
        return demanding is [] ? null : AdmissionFault.Of(SpecErrorCode.Resource, demanding.Where(task => !Keys(task).SetEquals(Keys(demanding[0]))).Select(task =>
            task.Problem(
                "resource",
                $"Topology validation failed: all tasks with topology must use the same keys, but task {demanding[0].Spec.Name} uses {Shown(demanding[0])} and task {task.Spec.Name} uses {Shown(task)}.",
                Shown(task),
                Shown(demanding[0]))));
    }

    private static HashSet<string> Keys(PlacedTask task) => task.Resource.Topology.Select(topology => topology.Key).ToHashSet(StringComparer.Ordinal);

    private static string Shown(PlacedTask task) => $"[{string.Join(", ", Keys(task).Order(StringComparer.Ordinal))}]";
}
