using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>What the pool as a whole allows (contract: workflow-spec §8.4, config §10).</summary>
internal static class PoolCheck
{
    /// <summary>An offline pool takes submissions; one in maintenance only those of administrators.</summary>
    public static AdmissionFault? Maintenance(Submission submission)
    {
        var facts = submission.Facts;
        return facts.Pool.Config.EnableMaintenance && !facts.IsAdministrator
            ? Whole(SpecErrorCode.Usage,
                $"Pool {facts.Pool.Name} is undergoing maintenance. Please submit to another pool or try again later.")
            : null;
    }

    public static AdmissionFault? Priority(Submission submission)
    {
        var facts = submission.Facts;
        if (facts.Scheduler.SchedulerType == SchedulerType.Kai || facts.Priority == WorkflowPriority.Normal)
        {
            return null;
        }

        var priority = WireEnum<WorkflowPriority>.Name(facts.Priority);
        return Whole(
            SpecErrorCode.Usage,
            $"The scheduler of pool {facts.Pool.Name} does not support priority {priority}. Please submit with priority NORMAL.");
    }

    /// <summary>What must not be preempted must fit into what is guaranteed, group by group.</summary>
    public static AdmissionFault? GpuGuarantee(Submission submission)
    {
        var pool = submission.Facts.Pool;
        var guarantee = pool.Gpu.Guarantee;
        if (submission.Facts.Priority == WorkflowPriority.Low || guarantee < 0)
        {
            return null;
        }

        return AdmissionFault.Of(
            SpecErrorCode.Usage,
            from tasks in submission.Tasks.GroupBy(task => task.Group.Name)
            let gpus = tasks.Aggregate(BigInteger.Zero, (sum, task) => sum + Gpus(task, pool))
            where gpus > guarantee
            select new SpecProblem(
                "workflow.groups",
                default,
                $"Pool {pool.Name} has {guarantee} GPUs guaranteed for NORMAL/HIGH priority workflows and group {tasks.Key} requires {gpus} GPUs. "
                + "Please ask for fewer GPUs or submit with priority LOW.",
                $"{gpus}"));
    }

    private static BigInteger Gpus(PlacedTask task, PoolModel pool)
    {
        var defaults = pool.Platforms.GetValueOrDefault(task.Platform)?.Variables ?? ImmutableSortedDictionary<string, JsonElement>.Empty;
        return ResourceVariables.Gpus(task.Resource, defaults);
    }

    private static AdmissionFault Whole(SpecErrorCode code, string message) => new(code, [new SpecProblem("", default, message)]);
}
