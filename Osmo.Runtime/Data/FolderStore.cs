using System.Runtime.CompilerServices;

namespace Osmo.Runtime.Data;

/// <summary>A folder of this machine as a store. Files appear whole or not at all; their modes are kept.</summary>
internal sealed class FolderStore(string root) : IDataStore
{

    public Task CheckAccess(bool write, CancellationToken cancellation)
    {
        try
        {
            if (write)
            {
                Directory.CreateDirectory(root);
                using var probe = File.Create(Path.Combine(root, $".osmo-check-{Environment.ProcessId}"), 1, FileOptions.DeleteOnClose);
            }
            else if (Directory.Exists(root))
            {
                using var entries = Directory.EnumerateFileSystemEntries(root).GetEnumerator();
                entries.MoveNext();
            }

            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new DataAccessException($"Folder '{root}': {exception.Message}", exception);
        }
    }

    public async IAsyncEnumerable<StoredFile> List([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        if (File.Exists(root))
        {
            yield return new StoredFile(Path.GetFileName(root), new FileInfo(root).Length, IsRoot: true);
            yield break;
        }

        if (!Directory.Exists(root))
            yield break;
        foreach (var file in LocalFiles.Walk(root))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task Download(StoredFile file, string localPath, Action progress, CancellationToken cancellation) =>
        Copy(file.IsRoot ? root : Path.Combine(root, file.Path), localPath, progress, cancellation);

    public Task Upload(string localPath, string path, Action progress, CancellationToken cancellation) =>
        Copy(localPath, Path.Combine(root, path), progress, cancellation);

    public void Dispose()
    {
    }

    private static Task Copy(string from, string to, Action progress, CancellationToken cancellation) => Task.Run(
        () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            var part = $"{to}.osmo-part";
            File.Copy(from, part, overwrite: true);
            File.Move(part, to, overwrite: true);
            progress();
        },
        cancellation);
}
