namespace Osmo.ClusterTests.Harness;

/// <summary>
/// The folder in which everything of a run puts its temporary files, the database too. It goes with the run; what a run left that was killed goes with the next one: a run holds a lock in its folder
/// for as long as it lives.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "osmo-harness-run-", LockName = "lock", TemporaryFolder = "TMPDIR";

    private readonly string _folder;
    private readonly string? _before = Environment.GetEnvironmentVariable(TemporaryFolder);
    private readonly FileStream _lock;

    public RunFolder()
    {
        foreach (var left in Directory.GetDirectories(Path.GetTempPath(), $"{Prefix}*").Where(IsLeft))
        {
            Directory.Delete(left, recursive: true);
        }

        _folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        _lock = new FileStream(Path.Combine(_folder, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        if (!OperatingSystem.IsWindows())
        {
            // The database runs as somebody else when the harness is root.
            File.SetUnixFileMode(_folder, UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111);
        }

        Environment.SetEnvironmentVariable(TemporaryFolder, _folder);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(TemporaryFolder, _before);
        _lock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One without a lock is just being made.</summary>
    private static bool IsLeft(string folder)
    {
        try
        {
            using var own = new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
