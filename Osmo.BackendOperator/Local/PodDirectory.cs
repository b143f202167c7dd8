using System.Runtime.Versioning;

namespace Osmo.BackendOperator.Local;

/// <summary>A pod's directories on disk.</summary>
internal static class PodDirectory
{
    public static void Create(PodPaths paths, PodPreparation.Prepared prepared)
    {
        OwnersDirectory.Create(paths.Directory);
        OwnersDirectory.Create(paths.Volumes);
        foreach (var directory in prepared.Directories)
        {
            Directory.CreateDirectory(directory);
        }

        foreach (var file in prepared.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
            File.WriteAllBytes(file.Path, file.Content);
        }

        prepared.Manifest.Save(paths.Manifest);
    }

    public static void Remove(PodPaths paths)
    {
        Remove(paths.Volumes);
        Remove(paths.Directory);
    }

    /// <summary>Removes a tree, also one whose directories a task has made inaccessible.</summary>
    public static void Remove(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (UnauthorizedAccessException) when (!OperatingSystem.IsWindows())
        {
            GiveBackRights(new DirectoryInfo(directory));
            Directory.Delete(directory, recursive: true);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void GiveBackRights(DirectoryInfo directory)
    {
        directory.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var below in directory.EnumerateDirectories().Where(below => below.LinkTarget is null))
        {
            GiveBackRights(below);
        }
    }
}
