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

    private static void Remove(string directory)
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
            // A task may have taken rights away from directories of its own.
            foreach (var below in Directory.EnumerateDirectories(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            {
                File.SetUnixFileMode(below, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            Directory.Delete(directory, recursive: true);
        }
    }
}
