using System.Runtime.CompilerServices;

namespace Osmo.Storage.Objects;

/// <summary>Objects as files of one folder. An object is written beside its place, synced, and moved there: readers and crashes never see a part.</summary>
internal sealed class FolderObjectStore : IOpenableObjectStore, IDisposable
{
    /// <summary>Of files not yet in place, outside the objects' own tree so that no key can name them.</summary>
    private const string UnfinishedFolder = ".unfinished";

    private readonly string _objects;
    private readonly string _unfinished;
    private readonly FolderCommits _commits = new();

    public FolderObjectStore(string folder)
    {
        _objects = Path.Combine(Path.GetFullPath(folder), "objects");
        _unfinished = Path.Combine(Path.GetFullPath(folder), UnfinishedFolder);
    }

    public Task Open(CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(_objects);
            Directory.CreateDirectory(_unfinished);
            FolderSync.Sync(Path.GetDirectoryName(_objects)!);
            // What a crash left behind was never acknowledged.
            foreach (var left in Directory.EnumerateFiles(_unfinished)) File.Delete(left);
            // A folder that is there may still not let us write.
            using var probe = File.Create(Path.Combine(_unfinished, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose);
            return Task.CompletedTask;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageConfigurationException(
                $"Objects: folder '{Path.GetDirectoryName(_objects)}' is not writable: {error.Message} Give this user write access, or name another folder.", error);
        }
    }

    public async Task Write(string key, Stream content, CancellationToken cancellation = default)
    {
        var place = PathOf(key);
        var unfinished = Path.Combine(_unfinished, Path.GetRandomFileName());
        try
        {
            await using var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await content.CopyToAsync(file, cancellation);
            await _commits.Place(file, place, cancellation);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    public Task<Stream?> Read(string key, CancellationToken cancellation = default)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(
                PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public async IAsyncEnumerable<string> List(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // The folder that holds everything with this prefix; the rest of the prefix is compared name by name.
        var folder = prefix.LastIndexOf('/') is var slash and >= 0 ? PathOf(prefix[..slash]) : _objects;
        if (!Directory.Exists(folder)) yield break;
        var keys = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_objects, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
        await Task.CompletedTask;
    }

    public Task Delete(string key, CancellationToken cancellation = default)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // Nor is the object there.
        }
        return Task.CompletedTask;
    }

    public void Dispose() => _commits.Dispose();

    private string PathOf(string key) => Path.Combine(_objects, ObjectKey.Checked(key).Replace('/', Path.DirectorySeparatorChar));
}
