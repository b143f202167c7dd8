using System.Net;
using System.Net.Sockets;

namespace Osmo.Testing;

/// <summary>Ports of this machine that nobody listens on at the moment, for servers that cannot be told to choose one themselves.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
