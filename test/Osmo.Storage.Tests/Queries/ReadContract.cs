using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Storage.Tests.Queries;

/// <summary>Reading one workflow, and what silos ask the database for.</summary>
public abstract class ReadContract(IDatabaseUnderTest database) : StorageContract(database)
{
    [DatabaseFact]
    public async Task FindWorkflow_ByIdOrUuid_IsTheUuid()
    {
        await Write(Rows.Workflow(1));
        Assert.Equal(Rows.Uuid(1), await Storage.Queries.FindWorkflow("train-1"));
        Assert.Equal(Rows.Uuid(1), await Storage.Queries.FindWorkflow(Rows.Uuid(1)));
        Assert.Null(await Storage.Queries.FindWorkflow("train-2"));
    }

    [DatabaseFact]
    public async Task FindWorkflowOfPod_ByTheNamesFirstDigits_IsTheUuid()
    {
        await Write(Rows.Workflow(1));
        Assert.Equal(Rows.Uuid(1), await Storage.Queries.FindWorkflowOfPod($"{Rows.Uuid(1)[..16]}-00000000000000aa"));
        Assert.Null(await Storage.Queries.FindWorkflowOfPod("ffffffffffffffff-00000000000000aa"));
        Assert.Null(await Storage.Queries.FindWorkflowOfPod("coredns"));
    }

    [DatabaseFact]
    public async Task ReadWorkflow_Depths_GiveWhatTheyName()
    {
        await Write(
            Rows.Workflow(1), Rows.Workflow(2),
            Insert(RowKind.Plan, ""), Insert(RowKind.Group, "b-group"), Insert(RowKind.Group, "a-group"),
            Rows.Task(1, "a", 0), Rows.Task(1, "a", 1), Rows.Task(1, "a", 10), Rows.Task(1, "a-b", 0), Rows.Task(1, "a0", 0), Rows.Task(2, "z", 0));

        var head = await Storage.Queries.ReadWorkflow("train-1", WorkflowDepth.Head);
        Assert.Equal(Rows.Uuid(1), head!.Head.Key.Partition);
        Assert.Null(head.Plan);
        Assert.Empty(head.Groups);

        var latest = await Storage.Queries.ReadWorkflow(Rows.Uuid(1), WorkflowDepth.LatestAttempts);
        Assert.NotNull(latest!.Plan);
        Assert.Equal(["a-group", "b-group"], latest.Groups.Select(row => row.Key.Id));
        Assert.Equal(["a-b/000000", "a/000010", "a0/000000"], latest.Tasks.Select(row => row.Key.Id));

        var all = await Storage.Queries.ReadWorkflow("train-1", WorkflowDepth.AllAttempts);
        Assert.Equal(["a-b/000000", "a/000000", "a/000001", "a/000010", "a0/000000"], all!.Tasks.Select(row => row.Key.Id));
        Assert.Null(await Storage.Queries.ReadWorkflow("train-3", WorkflowDepth.Head));

        static RowWrite Insert(RowKind kind, string id) => new RowWrite.Insert(new(kind, Rows.Uuid(1), id), Json("{}"));
    }

    [DatabaseFact]
    public async Task Users_AreDistinctAndOrdered()
    {
        Assert.Empty(await Storage.Queries.Users());
        await Write(Rows.Workflow(1, user: "bob"), Rows.Workflow(2, user: "Zoe"), Rows.Workflow(3, user: "bob"), Rows.Workflow(4, user: "ann@example.com"));
        Assert.Equal(["Zoe", "ann@example.com", "bob"], await Storage.Queries.Users());
    }

    [DatabaseFact]
    public async Task DueWorkflows_ThoseWithATimeThatHasCome_LongestDueFirst()
    {
        await Write(
            Rows.Workflow(1, wakeAt: Rows.Start.AddMilliseconds(2)), Rows.Workflow(2), Rows.Workflow(3, wakeAt: Rows.Start),
            Rows.Workflow(4, wakeAt: Rows.Start.AddMilliseconds(3)), Rows.Workflow(5, wakeAt: Rows.Start.AddMilliseconds(1)));
        var due = await Storage.Queries.DueWorkflows(Rows.Start.AddMilliseconds(2), 10);
        Assert.Equal(new[] { 3, 5, 1 }.Select(Rows.Uuid), due.Select(workflow => workflow.WorkflowUuid));
        Assert.Equal(Rows.Start.AddMilliseconds(1), due[1].WakeAt);
        Assert.Equal(DateTimeKind.Utc, due[1].WakeAt.Kind);
        Assert.Equal(2, (await Storage.Queries.DueWorkflows(Rows.Start.AddMilliseconds(2), 2)).Count);
    }

    [DatabaseFact]
    public async Task OpenJobs_InTheirOrder()
    {
        await Write(Job("z", 1), Job("a", 30), Job("b", 30), Job("c", 200), new RowWrite.Insert(new(RowKind.Job, "west", "x"), Json("""{"order":0}""")));
        Assert.Equal(["z", "a", "b"], (await Storage.Queries.OpenJobs("east", 3)).Select(row => row.Key.Id));

        static RowWrite Job(string id, long order) => new RowWrite.Insert(new(RowKind.Job, "east", id), Json($$"""{"order":{{order}}}"""));
    }

    [DatabaseFact]
    public async Task OngoingWorkflows_OfOneBackend_OldestFirst()
    {
        await Write(
            Rows.Workflow(4), Rows.Workflow(1, status: "COMPLETED"), Rows.Workflow(2, status: "PENDING"), Rows.Workflow(3, backend: "west"), Rows.Workflow(5, status: "WAITING"),
            Rows.Workflow(6, status: "FAILED"), Rows.Workflow(7));
        Assert.Equal(["train-2", "train-4", "train-5"], (await Storage.Queries.OngoingWorkflows("east", 3)).Select(workflow => workflow.WorkflowId));
        Assert.Equal(Rows.Uuid(3), Assert.Single(await Storage.Queries.OngoingWorkflows("west", 3)).WorkflowUuid);
    }

    [DatabaseFact]
    public async Task Nodes_ByBackendsOrHostname()
    {
        await Write(Node("west", "n1"), Node("east", "n2"), Node("east", "n1"), new RowWrite.Insert(new(RowKind.Backend, "west"), Json("{}")));
        Assert.Equal(["east/n1", "east/n2", "west/n1"], Names(await Storage.Queries.Nodes()));
        Assert.Equal(["west/n1"], Names(await Storage.Queries.Nodes(["west"])));
        Assert.Equal(["east/n1", "west/n1"], Names(await Storage.Queries.Nodes(hostname: "n1")));
        Assert.Empty(await Storage.Queries.Nodes([]));
        Assert.Equal(["west"], (await Storage.Queries.Backends()).Select(row => row.Key.Partition));

        static RowWrite Node(string backend, string host) => new RowWrite.Insert(new(RowKind.Node, backend, host), Json("{}"));
        static IEnumerable<string> Names(IReadOnlyList<Row> rows) => rows.Select(row => $"{row.Key.Partition}/{row.Key.Id}");
    }

    [DatabaseFact]
    public async Task LogChunks_AfterASequence_InPages()
    {
        foreach (var n in Enumerable.Range(1, 5)) await Write(new RowWrite.Insert(new(RowKind.LogChunk, "w", n.ToString("D12")), Json("{}")));
        Assert.Equal(["000000000001", "000000000002"], (await Storage.Queries.LogChunks("w", "", 2)).Select(row => row.Key.Id));
        Assert.Equal(["000000000005"], (await Storage.Queries.LogChunks("w", "000000000004", 2)).Select(row => row.Key.Id));
    }
}

public sealed class SqliteReadTests() : ReadContract(new SqliteUnderTest());

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresReadTests(PostgresFixture postgres) : ReadContract(postgres.Database());
