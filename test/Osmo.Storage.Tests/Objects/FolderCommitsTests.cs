using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

public sealed class FolderCommitsTests : IDisposable
{
    /// <summary>More than may be ready, and what the thread has taken.</summary>
    private const int Many = 1500;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-commits-").FullName;
    private readonly FolderCommits _commits = new();

    public void Dispose()
    {
        _commits.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Place_MoreThanMayBeReadyWhileTheDiskHangs_BlocksNoThread()
    {
        using var disk = new ManualResetEventSlim();
        using var hung = new SlowFile(Name("hung"), () => disk.Wait(Patience));
        var first = Place(hung);
        var calling = Task.Run(() => Enumerable.Range(0, Many).Select(number => Place(new FileStream(Name($"{number}"), FileMode.CreateNew))).ToList());

        var others = await calling.WaitAsync(Patience / 2);
        Assert.False(first.IsCompleted);
        disk.Set();
        await Task.WhenAll([first, .. others]);
        Assert.Equal(Many + 1, Directory.GetFiles(_folder, "*.placed").Length);
    }

    [Fact]
    public async Task Place_UnforeseenFailure_IsItsWritersAlone()
    {
        using var broken = new SlowFile(Name("broken"), () => throw new NotSupportedException("of this disk"));
        await Assert.ThrowsAsync<NotSupportedException>(() => Place(broken));
        await Place(new FileStream(Name("sound"), FileMode.CreateNew)).WaitAsync(Patience);
        Assert.True(File.Exists(Name("sound") + ".placed"));
    }

    private string Name(string name) => Path.Combine(_folder, name);

    private Task Place(FileStream file) => _commits.Place(file, file.Name + ".placed", CancellationToken.None);

    /// <summary>A file that something happens to when it is synced.</summary>
    private sealed class SlowFile(string path, Action onSync) : FileStream(path, FileMode.CreateNew)
    {
        public override void Flush(bool flushToDisk)
        {
            onSync();
            base.Flush(flushToDisk);
        }
    }
}
