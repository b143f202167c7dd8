using System.Net;
using System.Net.Sockets;

namespace Osmo.Standalone;

/// <summary>The port users and the operator connect to.</summary>
internal static class ServicePort
{
    /// <summary>Asked before anything starts: nothing has to be undone, and the one message is not lost among those of parts that stop again.</summary>
    /// <exception cref="StandaloneException">The port is taken, or this user must not listen on it.</exception>
    public static void EnsureFree(Uri url)
    {
        using var listener = new TcpListener(IPAddress.Loopback, url.Port);
        try
        {
            listener.Start();
        }
        catch (SocketException error)
        {
            throw new StandaloneException($"Cannot listen on {IPAddress.Loopback}:{url.Port}: {error.Message}. Choose another port with --port.", error);
        }
    }
}
