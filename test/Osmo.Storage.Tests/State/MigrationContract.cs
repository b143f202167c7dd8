using Osmo.Storage.Migrations;
using Osmo.Testing;

namespace Osmo.Storage.Tests.State;

/// <summary>Applying the schema's steps.</summary>
public abstract class MigrationContract(IDatabaseUnderTest database) : StorageContract(database)
{
    /// <summary>Runs one statement on the closed database.</summary>
    protected abstract Task Run(string statement);

    [DatabaseFact]
    public async Task Open_Again_ChangesNothing()
    {
        await Restart();
        await Restart();
    }

    [DatabaseFact]
    public async Task Open_NewerDatabase_IsRefused()
    {
        await Storage.DisposeAsync();
        await Run("INSERT INTO schema_migration (number, name, checksum, applied) VALUES (9999, 'later', 'x', '2030-01-01T00:00:00Z')");
        var error = await Assert.ThrowsAsync<StorageConfigurationException>(Open);
        Assert.Contains("newer than this program: it has step 9999_later", error.Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task Open_StepWithOtherContent_IsRefused()
    {
        await Storage.DisposeAsync();
        await Run("UPDATE schema_migration SET checksum = 'edited' WHERE number = 1");
        var error = await Assert.ThrowsAsync<StorageConfigurationException>(Open);
        Assert.Contains("0001_rows was applied with other content (checksum edited)", error.Message, StringComparison.Ordinal);
    }
}

public sealed class SqliteMigrationTests() : MigrationContract(new SqliteUnderTest())
{
    protected override async Task Run(string statement)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Database.Setting["sqlite:".Length..]};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }
}

[NeedsPostgres]
[Collection(PostgresCollection.Name)]
public sealed class PostgresMigrationTests(PostgresFixture postgres) : MigrationContract(postgres.Database())
{
    protected override Task Run(string statement) => ((PostgresUnderTest)Database).Administer(statement);

    [DatabaseFact]
    public async Task Open_ManyAtOnce_OneMigrates()
    {
        var empty = postgres.Database();
        await empty.Create(Folder);
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => empty.Open($"{Folder}/{n}")));
        foreach (var storage in opened) await storage.DisposeAsync();
        await empty.Drop();
    }

    [DatabaseFact]
    public async Task Open_WhileAStepTakesLongerThanACommandMay_Waits()
    {
        var empty = postgres.Database();
        await empty.Create(Folder);
        await using var migrating = await empty.LockMigration();
        var opening = empty.Open($"{Folder}/late", "&Command%20Timeout=1");
        await migrating.WaitForWaiters();
        await migrating.Hold(TimeSpan.FromSeconds(2));
        Assert.False(opening.IsCompleted, opening.Exception?.ToString());
        await migrating.DisposeAsync();
        await (await opening).DisposeAsync();
        await empty.Drop();
    }
}

public sealed class MigrationSetTests
{
    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public void Load_Engine_HasStepsNumberedFromOneWithoutGaps(string engine)
    {
        var steps = MigrationSet.Load(engine);
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(step => step.Number));
        Assert.All(steps, step => Assert.Equal(64, step.Checksum.Length));
    }

    [Fact]
    public void Load_BothEngines_HaveTheSameSteps() =>
        // A cluster meets in its database; one on SQLite would be one process.
        Assert.Equal(
            MigrationSet.Load("Sqlite").Select(step => step.Name), MigrationSet.Load("PostgreSql").Select(step => step.Name).Where(name => name != "cluster"));

    [Fact]
    public void Pending_SomeApplied_AreTheOthersInOrder()
    {
        Migration[] known = [new(1, "a", "A"), new(2, "b", "B"), new(3, "c", "C")];
        Assert.Equal([2, 3], MigrationSet.Pending(known, [new(1, "a", known[0].Checksum)]).Select(step => step.Number));
        Assert.Empty(MigrationSet.Pending(known, [.. known.Select(step => new AppliedMigration(step.Number, step.Name, step.Checksum))]));
    }

    [Fact]
    public void Checksum_LineEndings_DoNotMatter() => Assert.Equal(new Migration(1, "a", "x\ny\n").Checksum, new Migration(1, "a", "x\r\ny\r\n").Checksum);
}
