using System.Collections.Immutable;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Storage.Tests.Queries;

/// <summary>The workflow list (contract: api-rest §8.4).</summary>
public abstract class WorkflowListContract(IDatabaseUnderTest database) : StorageContract(database)
{
    private static readonly RowWrite[] Workflows =
    [
        Rows.Workflow(1, user: "ann", pool: "east", status: "COMPLETED", labels: [("team", "red"), ("site", "a1")]),
        Rows.Workflow(2, user: "ann", pool: "west", status: "RUNNING", labels: [("team", "blue")], tags: ["nightly"]),
        Rows.Workflow(3, user: "bob", pool: "east", status: "PENDING", priority: "HIGH", labels: [("team", "redder")]),
        Rows.Workflow(4, user: "bob", pool: "west", status: "FAILED", name: "per%cent", app: ("render", 2)),
        Rows.Workflow(5, user: "cat", pool: null, status: "FAILED_SUBMISSION", tags: ["nightly", "big"]),
        Rows.Workflow(6, user: "cat", pool: "east", status: "RUNNING", name: "under_score", app: ("render", 3), tags: ["big"]),
        Rows.Workflow(7, user: "ann", pool: "east", status: "RUNNING", priority: "LOW", labels: [("Team", "red"), ("odd\"key'", "a?c[d]*%_\\")]),
    ];

    public static TheoryData<string, WorkflowFilter, int[]> Filters()
    {
        var all = new WorkflowFilter { Limit = 100 };
        return new()
        {
            { "default leaves out rejected submissions", all, [1, 2, 3, 4, 6, 7] },
            { "newest first", all with { NewestFirst = true }, [7, 6, 4, 3, 2, 1] },
            { "user", all with { Users = ["ann"] }, [1, 2, 7] },
            { "users, merged in order", all with { Users = ["cat", "ann", "cat"] }, [1, 2, 6, 7] },
            { "no users", all with { Users = [] }, [] },
            { "more users than branches", all with { Users = [.. Enumerable.Range(0, 40).Select(n => $"u{n}"), "bob"] }, [3, 4] },
            { "pool", all with { Pools = ["east"] }, [1, 3, 6, 7] },
            { "pools newest first", all with { Pools = ["west", "east"], NewestFirst = true }, [7, 6, 4, 3, 2, 1] },
            { "user and pool", all with { Users = ["ann"], Pools = ["east"] }, [1, 7] },
            { "rejected submissions if asked", all with { Statuses = ["FAILED_SUBMISSION", "FAILED"] }, [4, 5] },
            { "ongoing", all with { Statuses = ["RUNNING", "PENDING"] }, [2, 3, 6, 7] },
            { "ongoing of users", all with { Statuses = ["RUNNING", "WAITING"], Users = ["ann", "cat"], NewestFirst = true }, [7, 6, 2] },
            { "priority", all with { Priorities = ["HIGH", "LOW"] }, [3, 7] },
            { "any tag", all with { Tags = ["nightly", "big"] }, [2, 6] },
            { "no tags", all with { Tags = [] }, [] },
            { "part of the id", all with { IdContains = "ain-" }, [1, 2, 3, 7] },
            { "part of the id is case-sensitive", all with { IdContains = "TRAIN" }, [] },
            { "percent is literal", all with { IdContains = "r%c" }, [4] },
            { "underscore is literal", all with { IdContains = "r_s" }, [6] },
            { "app", all with { AppName = "render" }, [4, 6] },
            { "app version", all with { AppName = "render", AppVersion = 3 }, [6] },
            { "from is inclusive, before is not", all with { SubmittedFrom = Rows.Start.AddSeconds(2), SubmittedBefore = Rows.Start.AddSeconds(4) }, [2, 3] },
            { "label value", all with { Labels = [new("team", ["red"])] }, [1] },
            { "label alternatives", all with { Labels = [new("team", ["redder", "blue"])] }, [2, 3] },
            { "label glob", all with { Labels = [new("team", ["red*"])] }, [1, 3] },
            { "label glob or value", all with { Labels = [new("team", ["b*e", "red"])] }, [1, 2] },
            { "label key", all with { Labels = [new("team", ["*"])] }, [1, 2, 3] },
            { "labels, both", all with { Labels = [new("team", ["*"]), new("site", ["a1"])] }, [1] },
            { "label and user", all with { Labels = [new("team", ["red", "redder"])], Users = ["bob"] }, [3] },
            { "label glob: other wildcards are literal", all with { Labels = [new("odd\"key'", ["a?c[d]*%_\\"])] }, [7] },
            { "label glob: other wildcards match nothing else", all with { Labels = [new("team", ["r?d*", "r_d*", "[r]ed*", "%*"])] }, [] },
            { "no patterns", all with { Labels = [new("team", [])] }, [] },
            { "label absent", all with { WithoutLabels = ["team"] }, [4, 6, 7] },
            { "labels absent and present", all with { WithoutLabels = ["site"], Labels = [new("team", ["*"])] }, [2, 3] },
            { "everything at once", all with
            {
                Users = ["ann"], Pools = ["west"], Statuses = ["RUNNING"], Priorities = ["NORMAL"], Tags = ["nightly"], IdContains = "train",
                Labels = [new("team", ["bl*"])], WithoutLabels = ["site"],
            }, [2] },
        };
    }

    [DatabaseTheory]
    [MemberData(nameof(Filters))]
    public async Task ListWorkflows_Filter_FindsInOrder(string what, WorkflowFilter filter, int[] expected)
    {
        await Write(Workflows);
        var page = await Storage.Queries.ListWorkflows(filter);
        Assert.True(expected.Select(Rows.Uuid).SequenceEqual(page.Heads.Select(row => row.Key.Partition)), $"{what}: {Found(page)}");
        Assert.False(page.More);
    }

    [DatabaseFact]
    public async Task ListWorkflows_Pages_CoverAllOnceAndSayWhetherMoreFollow()
    {
        await Write(Workflows);
        var seen = new List<string>();
        var filter = new WorkflowFilter { Limit = 4, Users = ["ann", "bob", "cat"], NewestFirst = true };
        var first = await Storage.Queries.ListWorkflows(filter);
        var second = await Storage.Queries.ListWorkflows(filter with { Offset = 4 });
        var third = await Storage.Queries.ListWorkflows(filter with { Offset = 8 });
        Assert.Equal((true, false, false), (first.More, second.More, third.More));
        seen.AddRange([.. first.Heads.Concat(second.Heads).Concat(third.Heads).Select(row => row.Key.Partition)]);
        Assert.Equal(new[] { 7, 6, 4, 3, 2, 1 }.Select(Rows.Uuid), seen);
        Assert.False((await Storage.Queries.ListWorkflows(filter with { Limit = 6 })).More);
    }

    [DatabaseTheory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task ListWorkflows_LimitBelowOne_IsAnEmptyPage(int limit)
    {
        await Write(Workflows);
        var page = await Storage.Queries.ListWorkflows(new WorkflowFilter { Limit = limit });
        Assert.Empty(page.Heads);
        Assert.False(page.More);
    }

    [DatabaseFact]
    public async Task ListWorkflows_SameSubmitTime_OrdersByUuid()
    {
        var time = Rows.Time(Rows.Start);
        foreach (var n in new[] { 3, 1, 2 })
        {
            await Write(new RowWrite.Insert(
                new(RowKind.Workflow, Rows.Uuid(n)),
                Json($$"""{"workflowId":"w-{{n}}","user":"u","pool":"p","status":"RUNNING","submitTime":"{{time}}"}""")));
        }
        var page = await Storage.Queries.ListWorkflows(new WorkflowFilter { Limit = 2, NewestFirst = true });
        Assert.Equal([Rows.Uuid(3), Rows.Uuid(2)], page.Heads.Select(row => row.Key.Partition));
    }

    [DatabaseFact]
    public async Task ListWorkflows_AfterLabelsAndStatusChange_FollowsTheDocument()
    {
        await Write(Rows.Workflow(1, labels: [("team", "red")]));
        await Write(Rows.Workflow(1, labels: [("team", "blue")], status: "COMPLETED"));
        Assert.Empty((await List("red")).Heads);
        Assert.Single((await List("blue")).Heads);
        await Write(new RowWrite.Delete(new(RowKind.Workflow, Rows.Uuid(1))));
        Assert.Empty((await List("blue")).Heads);
        await Write(Rows.Workflow(1));
        Assert.Empty((await List("blue")).Heads);
    }

    private Task<WorkflowPage> List(string team) =>
        Storage.Queries.ListWorkflows(new WorkflowFilter { Limit = 10, Labels = [new("team", ImmutableArray.Create(team))] });

    private static string Found(WorkflowPage page) => string.Join(", ", page.Heads.Select(row => row.Key.Partition.TrimStart('0')));
}

public sealed class SqliteWorkflowListTests() : WorkflowListContract(new SqliteUnderTest());

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresWorkflowListTests(PostgresFixture postgres) : WorkflowListContract(postgres.Database());
