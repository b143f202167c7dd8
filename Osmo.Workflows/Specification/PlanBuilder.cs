using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Specification;

/// <summary>What a plan holds besides the specification.</summary>
public sealed record PlanContext
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string WorkflowUuid { get; init; }

    /// <summary><c>name-number</c>.</summary>
    public required string WorkflowId { get; init; }

    public required string User { get; init; }

    public required WorkflowPriority Priority { get; init; }

    public required PoolModel Pool { get; init; }

    /// <summary><c>max_pod_restart_limit</c>.</summary>
    public required TimeSpan StartTimeout { get; init; }

    /// <summary><c>max_retry_per_task</c>.</summary>
    public required int MaxRetriesPerTask { get; init; }

    /// <summary>Draws a uuid: 32 lower-case hex digits.</summary>
    public required Func<string> NewUuid { get; init; }
}

/// <summary>Turns a specification into what the lifecycle needs to know (contract: lifecycle §10, §11, §15).</summary>
public static class PlanBuilder
{
    public static WorkflowPlan Build(WorkflowSpec spec, PlanContext context)
    {
        var upstream = Upstream(spec);
        return new WorkflowPlan
        {
            WorkflowUuid = context.WorkflowUuid,
            WorkflowId = context.WorkflowId,
            User = context.User,
            Pool = context.Pool.Name,
            Backend = context.Pool.Backend,
            Priority = context.Priority,
            ExecTimeout = context.Pool.ExecTimeout(spec.Timeout?.ExecTimeout),
            QueueTimeout = context.Pool.QueueTimeout(spec.Timeout?.QueueTimeout),
            StartTimeout = context.StartTimeout,
            MaxRetriesPerTask = context.MaxRetriesPerTask,
            DefaultExitActions = context.Pool.DefaultExitActions,
            Groups =
            [
                .. spec.Groups.Select(group => new GroupPlan
                {
                    Name = group.Name,
                    Uuid = context.NewUuid(),
                    Upstream = upstream[group.Name],
                    Downstream = [.. spec.Groups.Where(other => upstream[other.Name].Contains(group.Name)).Select(other => other.Name)],
                    IgnoreNonleadStatus = group.IgnoreNonleadStatus,
                    Barrier = group.Barrier && group.Tasks.Length > 1,
                    Tasks = [.. group.Tasks.Select(task => Task(task, spec, context))],
                }),
            ],
        };
    }

    private static TaskPlan Task(TaskSpec task, WorkflowSpec spec, PlanContext context) => new()
    {
        Name = task.Name,
        Uuid = context.NewUuid(),
        Lead = task.Lead,
        ExitActions = ExitActions(task.ExitActions),
        Resources = Resources(spec.Resources.First(resource => resource.Key == task.Resource).Value, context.Pool),
    };

    /// <summary>For every group the groups whose tasks its own tasks read from, in the order of the specification.</summary>
    private static Dictionary<string, ImmutableArray<string>> Upstream(WorkflowSpec spec)
    {
        var groupOf = spec.Groups.SelectMany(group => group.Tasks.Select(task => (task.Name, Group: group.Name))).ToDictionary(
            pair => pair.Name, pair => pair.Group, StringComparer.Ordinal);
        return spec.Groups.ToDictionary(
            group => group.Name,
            group =>
            {
                var read = group.Tasks.SelectMany(task => task.Inputs).OfType<InputSpec.FromTask>().Select(input => groupOf[input.Task])
                    .ToHashSet(StringComparer.Ordinal);
                return spec.Groups.Select(other => other.Name).Where(read.Contains).ToImmutableArray();
            },
            StringComparer.Ordinal);
    }

    /// <summary>
    /// The ranges in the order in which they are tried: by length of the action's name as written, then its bytes, so FAIL, COMPLETE,
    /// RESCHEDULE (contract: workflow-spec §6.7).
    /// </summary>
    private static ImmutableArray<ExitAction> ExitActions(ImmutableArray<ExitActionSpec> actions) =>
    [
        .. from action in actions.OrderBy(action => action.Key.Length).ThenBy(action => action.Key, StringComparer.Ordinal)
           from range in ExitCodeRanges.TryParse(action.Codes, out var ranges)
               ? ranges
               : throw new ArgumentException($"'{action.Codes}' are no exit codes.", nameof(actions))
           select new ExitAction(action.Action, range.First, range.Last),
    ];

    /// <summary>What the pods ask for: the request, or where it says nothing the default variables of the platform.</summary>
    private static TaskResources Resources(ResourceSpec resource, PoolModel pool)
    {
        var defaults = pool.Platforms.GetValueOrDefault(resource.Platform ?? pool.Config.DefaultPlatform ?? "")?.Variables
            ?? ImmutableSortedDictionary<string, JsonElement>.Empty;
        return new TaskResources(
            Gibibytes(resource.Storage ?? Default("USER_STORAGE")),
            Count(resource.Cpu, "USER_CPU"),
            Gibibytes(resource.Memory ?? Default("USER_MEMORY")),
            Count(resource.Gpu, "USER_GPU"));

        string? Default(string variable) => defaults.TryGetValue(variable, out var value) ? value.ToString() : null;

        int Count(int? requested, string variable) => requested is { } given and not 0 ? given
            : double.TryParse(Default(variable), CultureInfo.InvariantCulture, out var standard) ? (int)Math.Ceiling(standard)
            : 0;
    }

    private static double Gibibytes(string? quantity) =>
        Quantity.TryParse(quantity, out var parsed) == QuantityFault.None ? parsed.In(QuantityUnit.Gi) : 0;
}
