using Osmo.Storage.Objects;

namespace Osmo.BackendOperator.Local;

/// <summary>Files that, after a loss of power, hold what was written last or what was there before, never a part or nothing.</summary>
internal static class DurableFile
{
    /// <summary>Replaces a file by rename; its directory must exist. Returns when the new content is on the disk.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        using (var file = File.Create(temporary))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file, if there is one, for good; its directory must exist.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be removed.</exception>
    public static void Delete(string path)
    {
        File.Delete(path);
        FolderSync.Sync(Path.GetDirectoryName(path)!);
    }
}
