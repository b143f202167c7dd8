using System.Runtime.InteropServices;

namespace Osmo.Storage.Objects;

/// <summary>A renamed file survives a loss of power only once its folder is synced too, which .NET has no call for.</summary>
internal static partial class FolderSync
{
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows()) return; // NTFS journals the rename itself.
        // Close on exec: where the cluster is this machine, pods are started meanwhile.
        var descriptor = Open(folder, OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000);
        if (descriptor < 0) throw new IOException($"Folder '{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        try
        {
            if (Fsync(descriptor) != 0) throw new IOException($"Folder '{folder}' cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
