using System.Text;
using Orleans.Runtime;
using Orleans.Storage;
using Osmo.Silo.Documents;
using Osmo.Storage.State;

namespace Osmo.Silo.Tests;

public sealed class DocumentStorageTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("profile", "someone@example.com");

    private readonly StateFolder _folder = new();

    public sealed class Note
    {
        public string? FirstLine { get; set; }

        public int Count { get; set; }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_NothingStored_IsFresh()
    {
        await using var storage = await _folder.Open();
        var state = new Record { State = new Note { Count = 3 }, ETag = "7", RecordExists = true };

        await new DocumentStorage(storage.State).ReadStateAsync("note", Grain, state);

        Assert.Equal((0, null, false), (state.State.Count, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task Write_Twice_KeepsOneCamelCaseDocumentWithItsVersion()
    {
        await using var storage = await _folder.Open();
        var documents = new DocumentStorage(storage.State);
        var state = new Record { State = new Note { FirstLine = "one" } };

        await documents.WriteStateAsync("note", Grain, state);
        state.State = new Note { FirstLine = "two", Count = 2 };
        await documents.WriteStateAsync("note", Grain, state);

        Assert.Equal(("2", true), (state.ETag, state.RecordExists));
        var row = await storage.State.Read(new RowKey(RowKind.Document, "note", "someone@example.com"));
        Assert.Equal("""{"firstLine":"two","count":2}""", Encoding.UTF8.GetString(row!.Document.Span).Replace(" ", ""));

        var read = new Record();
        await documents.ReadStateAsync("note", Grain, read);
        Assert.Equal(("two", 2, "2", true), (read.State.FirstLine, read.State.Count, read.ETag, read.RecordExists));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public async Task Write_WithAStaleTag_ConflictsAndChangesNothing(string? tag)
    {
        await using var storage = await _folder.Open();
        var documents = new DocumentStorage(storage.State);
        var first = new Record { State = new Note { Count = 1 } };
        await documents.WriteStateAsync("note", Grain, first);
        await documents.WriteStateAsync("note", Grain, first);

        var stale = new Record { State = new Note { Count = 9 }, ETag = tag };
        var exception = await Assert.ThrowsAsync<InconsistentStateException>(() => documents.WriteStateAsync("note", Grain, stale));

        Assert.Equal(("2", tag ?? "none"), (exception.StoredEtag, exception.CurrentEtag));
        Assert.Equal(tag, stale.ETag);
        await documents.ReadStateAsync("note", Grain, stale);
        Assert.Equal(1, stale.State.Count);
    }

    [Fact]
    public async Task Clear_WithTheCurrentTag_RemovesTheRow()
    {
        await using var storage = await _folder.Open();
        var documents = new DocumentStorage(storage.State);
        var state = new Record { State = new Note { Count = 1 } };
        await documents.WriteStateAsync("note", Grain, state);

        await documents.ClearStateAsync("note", Grain, state);

        Assert.Equal((0, null, false), (state.State.Count, state.ETag, state.RecordExists));
        Assert.Null(await storage.State.Read(new RowKey(RowKind.Document, "note", "someone@example.com")));
        await documents.WriteStateAsync("note", Grain, state);
        Assert.Equal("1", state.ETag);
    }

    [Fact]
    public async Task Clear_WithAStaleTag_Conflicts()
    {
        await using var storage = await _folder.Open();
        var documents = new DocumentStorage(storage.State);
        var state = new Record { State = new Note() };
        await documents.WriteStateAsync("note", Grain, state);
        await documents.WriteStateAsync("note", Grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => documents.ClearStateAsync("note", Grain, new Record { ETag = "1" }));
    }

    [Fact]
    public async Task Read_OfAForeignDocument_NamesIt()
    {
        await using var storage = await _folder.Open();
        await storage.State.Commit([new RowWrite.Insert(new RowKey(RowKind.Document, "note", "someone@example.com"), """{"count":"many"}"""u8.ToArray())]);

        var exception = await Assert.ThrowsAsync<StateStoreException>(() => new DocumentStorage(storage.State).ReadStateAsync("note", Grain, new Record()));

        Assert.Contains("'note' of 'someone@example.com' is not a Note", exception.Message, StringComparison.Ordinal);
    }

    private sealed class Record : IGrainState<Note>
    {
        public Note State { get; set; } = new();

#pragma warning disable CS8766 // Orleans declares the tag without saying whether it may be null
        public string? ETag { get; set; }
#pragma warning restore CS8766

        public bool RecordExists { get; set; }
    }
}
