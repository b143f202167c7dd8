using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Storage.Tests.Queries;

/// <summary>The task list, its sums, and the queries over running tasks (contract: api-rest §8.7, §12).</summary>
public abstract class TaskListContract(IDatabaseUnderTest database) : StorageContract(database)
{
    private static readonly RowWrite[] Tasks =
    [
        Rows.Workflow(1), Rows.Workflow(2, backend: "west"), Rows.Workflow(3),
        Rows.Task(1, "a", status: "COMPLETED", started: 10),
        Rows.Task(1, "b", status: "RUNNING", started: 20, node: "n1", gpu: 8),
        Rows.Task(1, "c", retry: 0, status: "RESCHEDULED", started: 5, node: "n1"),
        Rows.Task(1, "c", retry: 1, status: "SCHEDULING"),
        Rows.Task(2, "d", status: "RUNNING", started: 30, user: "bob", pool: "other", priority: "LOW", node: "n1", gpu: 2),
        Rows.Task(2, "e", status: "INITIALIZING", user: "bob", pool: "other", priority: "LOW", node: "n2", gpu: 4),
        Rows.Task(3, "f", status: "WAITING", user: "bob", pool: null, name: "sub_mit"),
        Rows.Task(3, "g", status: "FAILED", started: 40, user: "bob", pool: "pool", name: "sub_mit"),
    ];

    public static TheoryData<string, TaskFilter, string> Filters()
    {
        var all = new TaskFilter { Limit = 100 };
        return new()
        {
            { "all: by status, then not started, then latest start", all, "c1 e0 d0 b0 f0 g0 a0 c0" },
            { "user", all with { Users = ["ann"] }, "c1 b0 a0 c0" },
            { "users, merged", all with { Users = ["ann", "bob"] }, "c1 e0 d0 b0 f0 g0 a0 c0" },
            { "open statuses", all with { Statuses = ["PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING"] }, "c1 e0 d0 b0" },
            { "open statuses of a user", all with { Statuses = ["RUNNING", "WAITING"], Users = ["bob"] }, "d0 f0" },
            { "finished statuses", all with { Statuses = ["COMPLETED", "FAILED"] }, "g0 a0" },
            { "pool", all with { Pools = ["other"] }, "e0 d0" },
            { "pools, merged", all with { Pools = ["other", "pool", "other"] }, "c1 e0 d0 b0 g0 a0 c0" },
            { "pool, finished statuses", all with { Pools = ["pool"], Statuses = ["COMPLETED", "FAILED"] }, "g0 a0" },
            { "pool, open statuses", all with { Pools = ["pool"], Statuses = ["RUNNING", "SCHEDULING"] }, "c1 b0" },
            { "pool, open and finished statuses", all with { Pools = ["pool"], Statuses = ["RUNNING", "FAILED"] }, "b0 g0" },
            { "pool of a user", all with { Pools = ["pool"], Users = ["bob"] }, "g0" },
            { "pool, second page", all with { Pools = ["pool"], Offset = 1, Limit = 2 }, "b0 g0" },
            { "more pools than branches", all with { Pools = [.. Enumerable.Range(0, 40).Select(n => $"pool{n}"), "other"] }, "e0 d0" },
            { "pools, none", all with { Pools = [] }, "" },
            { "priority", all with { Priorities = ["NORMAL"], Statuses = ["RUNNING"] }, "b0" },
            { "node", all with { Nodes = ["n1"] }, "d0 b0 c0" },
            { "nodes, merged", all with { Nodes = ["n2", "n1", "n3"] }, "e0 d0 b0 c0" },
            { "node, finished statuses", all with { Nodes = ["n1"], Statuses = ["RESCHEDULED", "FAILED"] }, "c0" },
            { "node, open statuses", all with { Nodes = ["n1"], Statuses = ["RUNNING"] }, "d0 b0" },
            { "node, open and finished statuses", all with { Nodes = ["n1"], Statuses = ["RUNNING", "RESCHEDULED"] }, "d0 b0 c0" },
            { "node of a user in a pool", all with { Nodes = ["n1"], Users = ["bob"], Pools = ["other"] }, "d0" },
            { "node, no status", all with { Nodes = ["n1"], Statuses = [] }, "" },
            { "workflow id", all with { WorkflowIdContains = "b_m" }, "f0 g0" },
            { "started from: or not started", all with { StartedFrom = Rows.Start.AddSeconds(20) }, "c1 e0 d0 b0 f0 g0" },
            { "started before: and started", all with { StartedBefore = Rows.Start.AddSeconds(20) }, "a0 c0" },
            { "second page", all with { Offset = 2, Limit = 3 }, "d0 b0 f0" },
            { "empty list", all with { Nodes = [] }, "" },
            { "no limit", all with { Limit = 0 }, "" },
        };
    }

    [DatabaseTheory]
    [MemberData(nameof(Filters))]
    public async Task ListTasks_Filter_FindsInOrder(string what, TaskFilter filter, string expected)
    {
        await Write(Tasks);
        var rows = await Storage.Queries.ListTasks(filter);
        var found = string.Join(' ', rows.Select(row => $"{row.Key.Id[0]}{row.Key.Id[^1]}"));
        Assert.True(expected == found, $"{what}: {found}");
    }

    [DatabaseFact]
    public async Task SumTasks_ByUserPoolPriority_AddsUpAndLeavesOutTasksWithoutPool()
    {
        await Write(Tasks);
        var sums = await Storage.Queries.SumTasks(new TaskFilter { Limit = 10 }, byWorkflow: false);
        Assert.Equal(
            [
                new("ann", null, "pool", "NORMAL", 6.0, 16, 10.0, 11),
                new("bob", null, "other", "LOW", 3.0, 8, 5.0, 6),
                new("bob", null, "pool", "NORMAL", 1.5, 4, 2.5, 1),
            ],
            sums);
    }

    public static TheoryData<string, TaskFilter, string> SumFilters()
    {
        var all = new TaskFilter { Limit = 100 };
        return new()
        {
            { "node", all with { Nodes = ["n1"] }, "ann pool 9, bob other 2" },
            { "node, open", all with { Nodes = ["n1"], Statuses = ["RUNNING"] }, "ann pool 8, bob other 2" },
            { "nodes", all with { Nodes = ["n1", "n2"] }, "ann pool 9, bob other 6" },
            { "pool", all with { Pools = ["pool"] }, "ann pool 11, bob pool 1" },
            { "pools, finished", all with { Pools = ["pool", "other"], Statuses = ["COMPLETED", "FAILED"] }, "ann pool 1, bob pool 1" },
            { "user", all with { Users = ["bob"] }, "bob other 6, bob pool 1" },
            { "empty list", all with { Pools = [] }, "" },
        };
    }

    [DatabaseTheory]
    [MemberData(nameof(SumFilters))]
    public async Task SumTasks_Filter_AddsUpWhatItLeaves(string what, TaskFilter filter, string expected)
    {
        await Write(Tasks);
        var sums = await Storage.Queries.SumTasks(filter, byWorkflow: false);
        var found = string.Join(", ", sums.Select(sum => $"{sum.User} {sum.Pool} {sum.Gpu}"));
        Assert.True(expected == found, $"{what}: {found}");
    }

    [DatabaseFact]
    public async Task SumTasks_OpenByWorkflow_NamesTheWorkflow()
    {
        await Write(Tasks);
        var sums = await Storage.Queries.SumTasks(new TaskFilter { Limit = 10, Statuses = ["RUNNING", "WAITING"] }, byWorkflow: true);
        Assert.Equal(["train-1", "train-2", "sub_mit-3"], sums.OrderBy(sum => sum.WorkflowId![^1]).Select(sum => sum.WorkflowId));
    }

    [DatabaseFact]
    public async Task RunningGpus_SumsByPoolAndPriority()
    {
        await Write(Tasks);
        Assert.Equal([new("other", "LOW", 2), new("pool", "NORMAL", 8)], await Storage.Queries.RunningGpus());
    }

    [DatabaseFact]
    public async Task TasksOnNode_OnlyOpenOnesOfThatBackend()
    {
        await Write(Tasks);
        Assert.Equal(["b/000000"], (await Storage.Queries.TasksOnNode("east", "n1")).Select(row => row.Key.Id));
        Assert.Equal(["d/000000"], (await Storage.Queries.TasksOnNode("west", "n1")).Select(row => row.Key.Id));
    }
}

public sealed class SqliteTaskListTests() : TaskListContract(new SqliteUnderTest());

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresTaskListTests(PostgresFixture postgres) : TaskListContract(postgres.Database());
