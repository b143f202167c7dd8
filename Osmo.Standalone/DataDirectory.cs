namespace Osmo.Standalone;

/// <summary>The data directory, held by this process alone until it is disposed or dies.</summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(FileStream held) => _lock = held;

    /// <exception cref="StandaloneException">It cannot be made or written, or another process holds it.</exception>
    public static DataDirectory Hold(string path)
    {
        try
        {
            Make(path);
            var held = new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            held.Flush();
            return new DataDirectory(held);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StandaloneException($"The data directory {path} cannot be written. Choose another with --data-dir, or change its permissions.", error);
        }
        catch (IOException error) when (File.Exists(Path.Combine(path, "lock")) && IsHeld(path))
        {
            throw new StandaloneException(
                $"Another standalone uses the data directory {path}. Stop it, use it (osmo login --method dev URL), or choose another directory with --data-dir.", error);
        }
        catch (IOException error)
        {
            throw new StandaloneException($"The data directory {path} cannot be used: {error.Message} Choose another with --data-dir.", error);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>For the user alone: task files and the database may hold secrets.</summary>
    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using var probe = new FileStream(Path.Combine(path, "lock"), FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
