using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.PodSocket;

/// <summary>
/// The address of the pod's socket. Paths longer than the 107 bytes of sockaddr_un go through a descriptor of their directory.
/// </summary>
internal sealed class PodSocketAddress : IDisposable
{
    private const int MaximumPathBytes = 107;

    private readonly SafeFileHandle? _directory;

    private PodSocketAddress(string path, SafeFileHandle? directory) =>
        (EndPoint, _directory) = (new UnixDomainSocketEndPoint(path), directory);

    /// <summary>Valid until disposed.</summary>
    public UnixDomainSocketEndPoint EndPoint { get; }

    /// <exception cref="Win32Exception">The directory of a long path cannot be opened.</exception>
    public static PodSocketAddress Open(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) <= MaximumPathBytes)
            return new PodSocketAddress(path, null);
        var directory = Path.GetDirectoryName(path)!;
        var descriptor = Libc.Open(directory, Libc.OpenPath | Libc.OpenCloseOnExec);
        if (descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Directory '{directory}' of the pod's socket cannot be opened.");
        return new PodSocketAddress(
            $"/proc/self/fd/{descriptor}/{Path.GetFileName(path)}", new SafeFileHandle(descriptor, ownsHandle: true));
    }

    public void Dispose() => _directory?.Dispose();
}
