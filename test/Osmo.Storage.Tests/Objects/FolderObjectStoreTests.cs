using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-objects-").FullName;
    private FolderObjectStore? _store;

    protected override IObjectStore Store => _store!;

    public override async Task InitializeAsync()
    {
        _store = new(_folder);
        await _store.Open(CancellationToken.None);
    }

    public override Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    public void Dispose() => _store?.Dispose();

    [Fact]
    public async Task Open_AfterACrashInAWrite_RemovesWhatWasLeft()
    {
        var left = Path.Combine(_folder, ".unfinished", "left");
        await File.WriteAllTextAsync(left, "half");
        await Write("a", "whole");
        using var reopened = new FolderObjectStore(_folder);
        await reopened.Open(CancellationToken.None);
        Assert.False(File.Exists(left));
        Assert.Equal("whole", await Text("a"));
    }

    [Fact]
    public async Task Write_OfManyAtOnce_FailsForThoseAloneThatCannotBeWritten()
    {
        await Write("taken/file", "is a file");
        Directory.CreateDirectory(Path.Combine(_folder, "objects", "folder"));
        var good = Enumerable.Range(0, 300).Select(number => Write($"many/{number % 7}/{number}", $"{number}")).ToList();
        var bad = new[] { Write("taken/file/below", "x"), Write("folder", "x") };

        await Task.WhenAll(good);
        foreach (var write in bad) await Assert.ThrowsAnyAsync<IOException>(() => write);
        Assert.Equal("299", await Text("many/5/299"));
        Assert.Equal("is a file", await Text("taken/file"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, ".unfinished")));
    }

    [Fact]
    public async Task Dispose_WhileWritesAreUnderWay_LetsThemFinish()
    {
        var writes = Enumerable.Range(0, 50).Select(number => Write($"w{number}", "text")).ToList();
        _store!.Dispose();
        foreach (var write in writes)
        {
            // Those that came too late were refused; none is half done.
            await write.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        var placed = Directory.GetFiles(Path.Combine(_folder, "objects")).Length;
        Assert.Equal(writes.Count(write => write.IsCompletedSuccessfully), placed);
    }

    [Fact]
    public async Task Open_FolderIsAFile_NamesSettingAndFix()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var error = await Assert.ThrowsAsync<StorageConfigurationException>(async () =>
        {
            using var store = new FolderObjectStore(file);
            await store.Open(CancellationToken.None);
        });
        Assert.Contains("Objects", error.Message, StringComparison.Ordinal);
        Assert.Contains("not writable", error.Message, StringComparison.Ordinal);
    }
}
