using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Osmo.Testing;

/// <summary>Ports of this machine that nobody listens on, for servers that cannot be told to choose one themselves.</summary>
/// <remarks>
/// They lie below those that the system gives to outgoing connections, which come by the thousand while tests run. A UDP socket of the same number, kept until this process ends,
/// keeps other processes that ask here away until the server listens.
/// </remarks>
public static class FreePort
{
    private const int First = 10_000, End = 32_768;

    private static readonly List<Socket> Reservations = [];

    public static int Next()
    {
        lock (Reservations)
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(First, End);
                if (Reserve(port) is not { } reservation)
                {
                    continue;
                }

                Reservations.Add(reservation);
                if (IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    /// <summary>Null when somebody else has it.</summary>
    private static Socket? Reserve(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
