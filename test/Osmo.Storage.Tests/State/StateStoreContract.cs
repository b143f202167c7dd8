using System.Text;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Storage.Tests.State;

/// <summary>What every state store promises.</summary>
public abstract class StateStoreContract(IDatabaseUnderTest database) : StorageContract(database)
{
    [DatabaseFact]
    public async Task Read_NoRow_IsNull() => Assert.Null(await Store.Read(Key("absent")));

    [DatabaseFact]
    public async Task Insert_ThenRead_HasVersionOne()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("""{"x":1}""")));
        var row = await Store.Read(Key("a"));
        Assert.Equal(1, row!.Version);
        AssertDocument("""{"x":1}""", row);
    }

    [DatabaseFact]
    public async Task Insert_Twice_SecondConflicts()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("""{"x":1}""")));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Insert(Key("a"), Json("""{"x":2}"""))]));
        AssertDocument("""{"x":1}""", await Store.Read(Key("a")));
    }

    [DatabaseFact]
    public async Task Insert_SecondWorkflowOfTheSameId_Conflicts()
    {
        await Write(new RowWrite.Insert(new(RowKind.Workflow, "1"), Head("w-1")));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Insert(new(RowKind.Workflow, "2"), Head("w-1"))]));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Put(new(RowKind.Workflow, "2"), Head("w-1"))]));
        Assert.Null(await Store.Read(new(RowKind.Workflow, "2")));

        static ReadOnlyMemory<byte> Head(string id) =>
            Json($$"""{"workflowId":"{{id}}","user":"u","status":"RUNNING","submitTime":"2026-01-02T03:04:05.000000"}""");
    }

    [DatabaseFact]
    public async Task Update_StaleVersion_ConflictsAndChangesNothing()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("{}")));
        await Write(new RowWrite.Update(Key("a"), 1, Json("""{"n":2}""")));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Update(Key("a"), 1, Json("""{"n":3}"""))]));
        var row = await Store.Read(Key("a"));
        Assert.Equal(2, row!.Version);
        AssertDocument("""{"n":2}""", row);
    }

    [DatabaseFact]
    public async Task Update_NoRow_Conflicts() =>
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Update(Key("absent"), 1, Json("{}"))]));

    [DatabaseFact]
    public async Task Put_InsertsThenReplaces()
    {
        await Write(new RowWrite.Put(Key("a"), Json("""{"n":1}""")));
        await Write(new RowWrite.Put(Key("a"), Json("""{"n":2}""")));
        var row = await Store.Read(Key("a"));
        Assert.Equal(2, row!.Version);
        AssertDocument("""{"n":2}""", row);
    }

    [DatabaseFact]
    public async Task Delete_WithVersion_NeedsThatVersion()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("{}")));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Delete(Key("a"), 2)]));
        Assert.NotNull(await Store.Read(Key("a")));
        await Write(new RowWrite.Delete(Key("a"), 1));
        Assert.Null(await Store.Read(Key("a")));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Delete(Key("a"), 1)]));
        await Write(new RowWrite.Delete(Key("a")));
    }

    [DatabaseFact]
    public async Task DeletePartition_LeavesOtherPartitionsAndKinds()
    {
        await Write(
            new RowWrite.Insert(Key("a"), Json("{}")), new RowWrite.Insert(Key("b"), Json("{}")),
            new RowWrite.Insert(Key("a", partition: "q"), Json("{}")), new RowWrite.Insert(Key("a", RowKind.LogChunk), Json("{}")));
        await Write(new RowWrite.DeletePartition(Key()));
        Assert.Empty(await Store.ReadPartition(RowKind.Document, "p"));
        Assert.Single(await Store.ReadPartition(RowKind.Document, "q"));
        Assert.Single(await Store.ReadPartition(RowKind.LogChunk, "p"));
    }

    [DatabaseFact]
    public async Task ReadPartitionAndIds_OfOnePartition_AreOrderedByOrdinal()
    {
        string[] ids = ["", "-", "/", "0", "A", "_", "a", "a/000000", "a/000001", "a0", "é", "\uffee", "😀"];
        await Write([.. ids.Reverse().Select(id => new RowWrite.Insert(Key(id), Json("{}")))]);
        await Write(new RowWrite.Insert(Key("b", partition: "q"), Json("{}")), new RowWrite.Insert(Key("c", RowKind.LogChunk), Json("{}")));
        var read = await Store.ReadPartition(RowKind.Document, "p");
        Assert.Equal(ids, read.Select(row => row.Key.Id));
        Assert.Equal(ids, await Store.ReadIds(RowKind.Document, "p"));
    }

    [DatabaseFact]
    public async Task Commit_SeveralRows_AllOrNone()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("""{"n":1}""")), new RowWrite.Insert(Key("b"), Json("""{"n":1}""")));
        var outcome = await Store.Commit(
        [
            new RowWrite.Update(Key("a"), 1, Json("""{"n":2}""")), new RowWrite.Insert(Key("c"), Json("{}")), new RowWrite.Delete(Key("b")),
            new RowWrite.Update(Key("d"), 1, Json("{}")),
        ]);
        Assert.Equal(CommitOutcome.Conflict, outcome);
        Assert.Equal(["a", "b"], (await Store.ReadPartition(RowKind.Document, "p")).Select(row => row.Key.Id));
        AssertDocument("""{"n":1}""", await Store.Read(Key("a")));
    }

    [DatabaseFact]
    public async Task Commit_SameRowTwice_AppliesInOrder()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("{}")), new RowWrite.Update(Key("a"), 1, Json("""{"n":2}""")));
        Assert.Equal(2, (await Store.Read(Key("a")))!.Version);
        await Write(new RowWrite.DeletePartition(Key()), new RowWrite.Insert(Key("a"), Json("""{"n":3}""")));
        Assert.Equal(1, (await Store.Read(Key("a")))!.Version);
    }

    [DatabaseFact]
    public async Task Commit_Nothing_IsCommitted() => Assert.Equal(CommitOutcome.Committed, await Store.Commit([]));

    [DatabaseFact]
    public async Task Commit_ManyAtOnce_EachGetsItsOwnOutcome()
    {
        await Write(new RowWrite.Insert(Key("taken"), Json("{}")));
        var commits = Enumerable.Range(0, 300).Select(n => Store.Commit(
        [
            new RowWrite.Insert(Key($"first-{n}"), Json("{}")),
            new RowWrite.Insert(Key(n % 50 == 7 ? "taken" : $"second-{n}"), Json("{}")),
        ]));
        var outcomes = await Task.WhenAll(commits);
        for (var n = 0; n < outcomes.Length; n++)
        {
            Assert.Equal(n % 50 == 7 ? CommitOutcome.Conflict : CommitOutcome.Committed, outcomes[n]);
        }
        Assert.Equal(1 + 2 * 294, (await Store.ReadPartition(RowKind.Document, "p")).Count);
    }

    [DatabaseFact]
    public async Task Commit_RaceForOneVersion_HasOneWinner()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("{}")));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => Store.Commit([new RowWrite.Update(Key("a"), 1, Json($$"""{"n":{{n}}}"""))])));
        Assert.Single(outcomes, CommitOutcome.Committed);
        Assert.Equal(2, (await Store.Read(Key("a")))!.Version);
    }

    [DatabaseFact]
    public async Task Commit_DocumentTheDatabaseRefuses_FailsAlone()
    {
        var good = Store.Commit([new RowWrite.Insert(Key("good"), Json("{}"))]);
        var bad = Store.Commit([new RowWrite.Insert(Key("beside"), Json("{}")), new RowWrite.Insert(new(RowKind.Workflow, "w"), Json("""{"no":"status"}"""))]);
        var alsoGood = Store.Commit([new RowWrite.Insert(Key("also"), Json("{}"))]);
        var error = await Assert.ThrowsAsync<StateStoreException>(() => bad);
        Assert.False(error.IsTransient);
        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Committed], await Task.WhenAll(good, alsoGood));
        Assert.Null(await Store.Read(Key("beside")));
    }

    [DatabaseFact]
    public async Task Commit_NotARowKind_IsRefusedAtTheCaller() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.Commit([new RowWrite.Insert(default, Json("{}"))]));

    [DatabaseFact]
    public async Task Read_RightAfterCommit_SeesIt()
    {
        for (var n = 0; n < 50; n++)
        {
            await Write(new RowWrite.Put(Key("a"), Json($$"""{"n":{{n}}}""")));
            AssertDocument($$"""{"n":{{n}}}""", await Store.Read(Key("a")));
        }
    }

    [DatabaseTheory]
    [InlineData("plain")]
    [InlineData("größe 尺寸 😀 \u2028")]
    [InlineData("quote \" backslash \\ slash / tab \t line \n")]
    [InlineData("literal \\u0000 text")]
    public async Task Document_AnyText_ComesBackAsWritten(string text)
    {
        var document = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { text, labels = new Dictionary<string, string> { [text] = text } });
        foreach (var kind in new[] { RowKind.Document, RowKind.Node, RowKind.Group })
        {
            await Write(new RowWrite.Insert(Key(text, kind, text), document));
            AssertDocument(Encoding.UTF8.GetString(document), await Store.Read(Key(text, kind, text)));
        }
    }

    [DatabaseFact]
    public async Task Document_NulInAString_BecomesReplacementCharacter()
    {
        foreach (var kind in new[] { RowKind.Document, RowKind.Node })
        {
            await Write(new RowWrite.Insert(Key("a", kind), Json("""{"text":"a\u0000b\\u0000\\\u0000"}""")));
            AssertDocument("""{"text":"a\ufffdb\\u0000\\\ufffd"}""", await Store.Read(Key("a", kind)));
        }
    }

    [DatabaseFact]
    public async Task Document_FiveMegabytes_ComesBack()
    {
        var document = $$"""{"text":"{{new string('x', 5 << 20)}}"}""";
        await Write(new RowWrite.Insert(Key("large", RowKind.Spec), Json(document)), new RowWrite.Insert(Key("large", RowKind.Group), Json(document)));
        AssertDocument(document, await Store.Read(Key("large", RowKind.Spec)));
        AssertDocument(document, await Store.Read(Key("large", RowKind.Group)));
    }

    [DatabaseFact]
    public async Task CommitNumbered_Concurrently_IsDensePerName()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Numbered(n % 2 == 0 ? "even" : "odd", $"{n}")));
        Assert.Equal(Enumerable.Range(1, 100), numbers.Where((_, n) => n % 2 == 0).Order());
        Assert.Equal(Enumerable.Range(1, 100), numbers.Where((_, n) => n % 2 == 1).Order());
    }

    [DatabaseFact]
    public async Task Restart_KeepsRowsAndNumbers()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("""{"n":1}""")));
        Assert.Equal(1, await Numbered("w", "first"));
        await Restart();
        AssertDocument("""{"n":1}""", await Store.Read(Key("a")));
        Assert.Equal(2, await Numbered("w", "second"));
    }

    [DatabaseFact]
    public async Task CommitNumbered_WritesBothKinds_OrNothing()
    {
        var outcome = await Store.CommitNumbered(
            "w", [new RowWrite.Insert(Key("plain"), Json("{}"))], number => [new RowWrite.Insert(Key("numbered"), Json($$"""{"n":{{number}}}"""))]);
        Assert.Equal(CommitOutcome.Committed, outcome);
        AssertDocument("{}", await Store.Read(Key("plain")));
        AssertDocument("""{"n":1}""", await Store.Read(Key("numbered")));

        var conflict = await Store.CommitNumbered(
            "w", [new RowWrite.Insert(Key("other"), Json("{}"))], _ => [new RowWrite.Insert(Key("numbered"), Json("{}"))]);
        Assert.Equal(CommitOutcome.Conflict, conflict);
        Assert.Null(await Store.Read(Key("other")));
    }

    [DatabaseFact]
    public async Task CommitNumbered_WhoseFunctionThrows_FailsAlone()
    {
        var good = Enumerable.Range(0, 20).Select(n => Numbered("w", $"{n}")).ToArray();
        var bad = Store.CommitNumbered("w", [new RowWrite.Insert(Key("bad"), Json("{}"))], _ => throw new FormatException("no such number"));
        Assert.Equal("no such number", (await Assert.ThrowsAsync<FormatException>(() => bad)).Message);
        Assert.Equal(20, (await Task.WhenAll(good)).Distinct().Count());
        Assert.Null(await Store.Read(Key("bad")));
    }

    [DatabaseFact]
    public async Task CommitNumbered_WithLimits_ManyAtOnce_AdmitsExactlyAsManyAsMayBe()
    {
        await Write(Rows.Workflow(1000, "ann", status: "COMPLETED"), Rows.Workflow(1001, "ann", status: "PENDING"), Rows.Task(1001, user: "ann", status: "RESCHEDULED"));
        await Write(Rows.Task(1002, "done", user: "bob", status: "COMPLETED"), Rows.Task(1002, user: "bob", status: "RESCHEDULED"), Rows.Task(1002, retry: 1, user: "bob"));
        var workflows = Enumerable.Range(0, 60).Select(n => Submit(n, "ann", new OngoingLimits("ann", 11, null, 2)));
        var tasks = Enumerable.Range(100, 60).Select(n => Submit(n, "bob", new OngoingLimits("bob", null, 21, 2)));
        var free = Enumerable.Range(200, 60).Select(n => Submit(n, "cyd", null));
        var outcomes = (await Task.WhenAll([.. workflows, .. tasks, .. free])).Chunk(60).ToArray();

        Assert.Equal((10, 50), (Count(outcomes[0], CommitOutcome.Committed), Count(outcomes[0], CommitOutcome.TooManyWorkflows)));
        Assert.Equal((10, 50), (Count(outcomes[1], CommitOutcome.Committed), Count(outcomes[1], CommitOutcome.TooManyTasks)));
        Assert.All(outcomes[2], outcome => Assert.Equal(CommitOutcome.Committed, outcome));

        static int Count(CommitOutcome[] outcomes, CommitOutcome one) => outcomes.Count(outcome => outcome == one);
    }

    [DatabaseFact]
    public async Task CommitNumbered_WithLimits_CountsWhatIsGoingOnAndNothingElse()
    {
        var limits = new OngoingLimits("ann", 1, null, 2);
        Assert.Equal(CommitOutcome.Committed, await Submit(1, "ann", limits));
        Assert.Equal(CommitOutcome.TooManyWorkflows, await Submit(2, "ann", limits));
        Assert.Null(await Store.Read(new(RowKind.Workflow, Rows.Uuid(2))));
        Assert.Equal(CommitOutcome.Conflict, await Submit(1, "ann", limits with { WorkflowsMax = 2 }));
        await Write(Rows.Workflow(1, "ann", status: "FAILED"));
        Assert.Equal(CommitOutcome.Committed, await Submit(2, "ann", limits));
    }

    [DatabaseFact]
    public async Task Dispose_WithCommitsPending_MakesThemDurable()
    {
        var commits = Enumerable.Range(0, 100).Select(n => Store.Commit([new RowWrite.Insert(Key($"{n}"), Json("{}"))])).ToArray();
        await Restart();
        Assert.All(await Task.WhenAll(commits), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal(100, (await Store.ReadPartition(RowKind.Document, "p")).Count);
    }

    [DatabaseFact]
    public async Task Commit_AfterDispose_Fails()
    {
        var store = Store;
        await Restart();
        var error = await Assert.ThrowsAsync<StateStoreException>(() => store.Commit([new RowWrite.Insert(Key("a"), Json("{}"))]));
        Assert.False(error.IsTransient);
    }

    /// <summary>As a submit of two tasks does; its workflow must be new.</summary>
    private Task<CommitOutcome> Submit(int n, string user, OngoingLimits? limits) => Store.CommitNumbered(
        "w",
        [new RowWrite.Insert(new(RowKind.Plan, Rows.Uuid(n)), Json("{}"))],
        _ => [Rows.Workflow(n, user, status: "PENDING"), Rows.Task(n, "one", user: user, status: "PROCESSING"), Rows.Task(n, "two", user: user, status: "WAITING")],
        limits);

    /// <summary>Commits a row that holds its number; the number that was stored.</summary>
    private async Task<int> Numbered(string name, string id)
    {
        Assert.Equal(CommitOutcome.Committed, await Store.CommitNumbered(name, [], number => [new RowWrite.Insert(Key(id), Json($$"""{"n":{{number}}}"""))]));
        using var document = System.Text.Json.JsonDocument.Parse((await Store.Read(Key(id)))!.Document);
        return document.RootElement.GetProperty("n").GetInt32();
    }
}

public sealed class SqliteStateStoreTests() : StateStoreContract(new SqliteUnderTest());

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresStateStoreTests(PostgresFixture postgres) : StateStoreContract(postgres.Database());
