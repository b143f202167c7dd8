using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Storage.Tests.State;

/// <summary>What is left when a process ends between one instruction and the next.</summary>
public sealed class SqliteDurabilityTests() : StorageContract(new SqliteUnderTest())
{
    [Fact]
    public async Task Commit_Acknowledged_IsInTheFilesOfAProcessThatDiesNow()
    {
        await Write(new RowWrite.Insert(Key("a"), Json("""{"n":1}""")));
        var path = Database.Setting["sqlite:".Length..];
        var copy = Path.Combine(Path.GetDirectoryName(path)!, "copy.db");
        foreach (var suffix in new[] { "", "-wal" }) File.Copy(path + suffix, copy + suffix);
        await using var after = await OsmoStorage.Open(
            new StorageOptions { Database = $"sqlite:{copy}", Objects = $"file:{copy}.objects" }, TimeProvider.System, NullLoggerFactory.Instance);
        AssertDocument("""{"n":1}""", await after.State.Read(Key("a")));
    }
}

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresConnectionTests(PostgresFixture postgres) : StorageContract(postgres.Database())
{
    [DatabaseFact]
    public async Task Commit_ConnectionsKilledMidway_EachIsCommittedOrFailsAsTransient()
    {
        // A lock holds the batches inside the server while their connections are killed.
        await using var blocker = await ((PostgresUnderTest)Database).Lock("document");
        var commits = Enumerable.Range(0, 40).Select(n => Store.Commit([new RowWrite.Insert(Key($"{n}"), Json("{}"))])).ToArray();
        await blocker.WaitForWaiters();
        await ((PostgresUnderTest)Database).KillConnections();
        await blocker.DisposeAsync();

        var failed = 0;
        for (var n = 0; n < commits.Length; n++)
        {
            try
            {
                Assert.Equal(CommitOutcome.Committed, await commits[n]);
                Assert.NotNull(await Store.Read(Key($"{n}")));
            }
            catch (StateStoreException error)
            {
                Assert.True(error.IsTransient, error.ToString());
                failed++;
            }
        }
        Assert.True(failed > 0, "No batch was in the server when its connection was killed.");
    }

    [DatabaseFact]
    public async Task CommitNumbered_WithANameTheDatabaseRefuses_FailsAlone()
    {
        // While a lock holds the only writer, the others come together in its next batch.
        await using var storage = await OsmoStorage.Open(
            new StorageOptions { Database = Database.Setting, Objects = $"file:{Folder}/objects", DatabaseWriters = 1 }, TimeProvider.System, NullLoggerFactory.Instance);
        await using var blocker = await ((PostgresUnderTest)Database).Lock("document");
        var first = storage.State.Commit([new RowWrite.Insert(Key("first"), Json("{}"))]);
        await blocker.WaitForWaiters();
        var numbers = new int[20];
        var good = numbers.Select((_, n) => Numbered($"w{n % 2}", n)).ToArray();
        var plain = storage.State.Commit([new RowWrite.Insert(Key("plain"), Json("{}"))]);

        // An index row holds 2,704 bytes, and letters by chance cannot be packed.
        var bad = Numbered(new string(new Random(1).GetItems<char>("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 8000)), 0);
        await blocker.DisposeAsync();

        Assert.False((await Assert.ThrowsAsync<StateStoreException>(() => bad)).IsTransient);
        Assert.All(await Task.WhenAll([first, plain, .. good]), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.All([0, 1], name => Assert.Equal(Enumerable.Range(1, 10), numbers.Where((_, n) => n % 2 == name).Order()));

        Task<CommitOutcome> Numbered(string name, int n) => storage.State.CommitNumbered(
            name,
            [],
            number =>
            {
                numbers[n] = number;
                return [new RowWrite.Insert(Key($"{name}-{number}"), Json("{}"))];
            });
    }

    [DatabaseFact]
    public async Task Commit_AfterConnectionsWereKilled_WorksAgain()
    {
        await Write(new RowWrite.Insert(Key("before"), Json("{}")));
        await ((PostgresUnderTest)Database).KillConnections();
        // Idle connections are found dead by their next use, each once.
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                await Write(new RowWrite.Put(Key("after"), Json("{}")));
                Assert.NotNull(await Store.Read(Key("before")));
                return;
            }
            catch (StateStoreException error) when (error.IsTransient)
            {
            }
        }
        Assert.Fail("The store did not come back.");
    }
}
