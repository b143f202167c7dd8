using System.Text;
using Osmo.Storage.State;

namespace Osmo.Storage.Tests.State;

/// <summary>What every state store promises. One subclass per database.</summary>
public abstract class StateStoreContract : IAsyncLifetime
{
    protected OsmoStorage Storage { get; private set; } = null!;

    protected IStateStore Store => Storage.State;

    protected static RowKey Key(string id = "", RowKind kind = RowKind.Document) => new(kind, "p", id);

    protected static ReadOnlyMemory<byte> Json(string json) => Encoding.UTF8.GetBytes(json);

    protected static string Text(Row? row) => Encoding.UTF8.GetString(row!.Document.Span).Replace(" ", "", StringComparison.Ordinal);

    protected abstract Task<OsmoStorage> Open();

    public virtual async Task InitializeAsync() => Storage = await Open();

    public virtual async Task DisposeAsync() => await Storage.DisposeAsync();

    [Fact]
    public async Task Read_NoRow_IsNull() => Assert.Null(await Store.Read(Key("absent")));

    [Fact]
    public async Task Insert_ThenRead_HasVersionOne()
    {
        Assert.Equal(CommitOutcome.Committed, await Store.Commit([new RowWrite.Insert(Key("a"), Json("""{"x":1}"""))]));
        var row = await Store.Read(Key("a"));
        Assert.Equal(1, row!.Version);
        Assert.Equal("""{"x":1}""", Text(row));
    }

    [Fact]
    public async Task Insert_Twice_SecondConflicts()
    {
        await Store.Commit([new RowWrite.Insert(Key("a"), Json("""{"x":1}"""))]);
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Insert(Key("a"), Json("""{"x":2}"""))]));
        Assert.Equal("""{"x":1}""", Text(await Store.Read(Key("a"))));
    }

    [Fact]
    public async Task Update_StaleVersion_ConflictsAndChangesNothing()
    {
        await Store.Commit([new RowWrite.Insert(Key("a"), Json("{}"))]);
        Assert.Equal(CommitOutcome.Committed, await Store.Commit([new RowWrite.Update(Key("a"), 1, Json("""{"n":2}"""))]));
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Update(Key("a"), 1, Json("""{"n":3}"""))]));
        var row = await Store.Read(Key("a"));
        Assert.Equal(2, row!.Version);
        Assert.Equal("""{"n":2}""", Text(row));
    }

    [Fact]
    public async Task Update_NoRow_Conflicts() =>
        Assert.Equal(CommitOutcome.Conflict, await Store.Commit([new RowWrite.Update(Key("absent"), 1, Json("{}"))]));
}
