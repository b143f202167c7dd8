using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreContract
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

    [Fact]
    public async Task Open_AfterACrashInAWrite_RemovesWhatWasLeft()
    {
        var left = Path.Combine(_folder, ".unfinished", "left");
        await File.WriteAllTextAsync(left, "half");
        await Write("a", "whole");
        var reopened = new FolderObjectStore(_folder);
        await reopened.Open(CancellationToken.None);
        Assert.False(File.Exists(left));
        Assert.Equal("whole", await Text("a"));
    }

    [Fact]
    public async Task Open_FolderIsAFile_NamesSettingAndFix()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var error = await Assert.ThrowsAsync<StorageConfigurationException>(() => new FolderObjectStore(file).Open(CancellationToken.None));
        Assert.Contains("Objects", error.Message, StringComparison.Ordinal);
        Assert.Contains("not writable", error.Message, StringComparison.Ordinal);
    }
}
