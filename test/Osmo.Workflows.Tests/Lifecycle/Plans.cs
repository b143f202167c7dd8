using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Small plans, in the words of the contract's test matrix: T is the lead of G, T2 its side task; Tn is the only task of Gn.
/// </summary>
internal static class Plans
{
    public const string Uuid = "0123456789abcdef0123456789abcdef";

    public static WorkflowPlan Of(params GroupPlan[] groups) => new()
    {
        WorkflowUuid = Uuid,
        WorkflowId = "train-1",
        User = "jo",
        Pool = "default",
        Backend = "default",
        Priority = WorkflowPriority.Normal,
        ExecTimeout = TimeSpan.FromDays(60),
        QueueTimeout = TimeSpan.FromDays(60),
        StartTimeout = TimeSpan.FromMinutes(30),
        MaxRetriesPerTask = 0,
        Groups = [.. groups.Select(group => group with { Downstream = [.. Downstream(groups, group.Name)] })],
    };

    public static GroupPlan Group(string name, params TaskPlan[] tasks) =>
        new() { Name = name, Uuid = UuidOf("group", name), Tasks = [.. tasks], Barrier = tasks.Length > 1 };

    public static TaskPlan Task(string name, bool lead = false) => new() { Name = name, Uuid = UuidOf("task", name), Lead = lead };

    public static WorkflowPlan One() => Of(Group("G", Task("T", lead: true)));

    public static WorkflowPlan Two(bool ignoreNonleadStatus = true) =>
        Of(Group("G", Task("T", lead: true), Task("T2")) with { IgnoreNonleadStatus = ignoreNonleadStatus });

    /// <summary>Groups G1, G2, … of one task each.</summary>
    /// <param name="upstream">For each group the numbers of the groups it waits for.</param>
    public static WorkflowPlan Graph(params int[][] upstream) =>
        Of([.. upstream.Select((needed, index) => Group($"G{index + 1}", Task($"T{index + 1}", lead: true)) with
        {
            Upstream = [.. needed.Select(number => $"G{number}")],
        })]);

    public static WorkflowPlan WithExitAction(this WorkflowPlan plan, ExitActionKind kind, int exitCode, int limit = 2) => plan with
    {
        DefaultExitActions = plan.DefaultExitActions.Add(new ExitAction(kind, exitCode, exitCode)),
        MaxRetriesPerTask = limit,
    };

    public static string UuidOf(string kind, string name) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{kind}/{name}")))[..32];

    private static IEnumerable<string> Downstream(GroupPlan[] groups, string name) =>
        groups.Where(group => group.Upstream.Contains(name)).Select(group => group.Name);
}
