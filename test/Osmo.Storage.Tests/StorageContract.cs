using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Storage.State;

namespace Osmo.Storage.Tests;

/// <summary>One suite, every database: a subclass per suite and database names where its throw-away data lives.</summary>
public abstract class StorageContract(IDatabaseUnderTest database) : IAsyncLifetime
{
    protected string Folder { get; private set; } = "";

    protected OsmoStorage Storage { get; private set; } = null!;

    protected IStateStore Store => Storage.State;

    protected IDatabaseUnderTest Database => database;

    public async Task InitializeAsync()
    {
        Folder = Directory.CreateTempSubdirectory("osmo-storage-").FullName;
        await database.Create(Folder);
        Storage = await Open();
    }

    public async Task DisposeAsync()
    {
        await Storage.DisposeAsync();
        await database.Drop();
        Directory.Delete(Folder, recursive: true);
    }

    protected Task<OsmoStorage> Open() => OsmoStorage.Open(
        new StorageOptions { Database = database.Setting, Objects = $"file:{Folder}/objects" }, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Closes storage and opens the same data again, as a new process would.</summary>
    protected async Task Restart()
    {
        await Storage.DisposeAsync();
        Storage = await Open();
    }

    protected async Task Write(params RowWrite[] writes) => Assert.Equal(CommitOutcome.Committed, await Store.Commit(writes));

    protected static RowKey Key(string id = "", RowKind kind = RowKind.Document, string partition = "p") => new(kind, partition, id);

    protected static ReadOnlyMemory<byte> Json(string json) => Encoding.UTF8.GetBytes(json);

    protected static void AssertDocument(string expected, Row? row) =>
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(row!.Document.Span)),
            $"Expected {expected}, found {Encoding.UTF8.GetString(row.Document.Span)}");
}

/// <summary>A database for one test.</summary>
public interface IDatabaseUnderTest
{
    /// <summary>The value of <see cref="StorageOptions.Database"/>.</summary>
    string Setting { get; }

    Task Create(string folder);

    Task Drop();
}

public sealed class SqliteUnderTest : IDatabaseUnderTest
{
    public string Setting { get; private set; } = "";

    public Task Create(string folder)
    {
        Setting = $"sqlite:{folder}/osmo.db";
        return Task.CompletedTask;
    }

    public Task Drop() => Task.CompletedTask;
}
