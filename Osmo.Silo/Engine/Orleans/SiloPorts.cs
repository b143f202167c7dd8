using System.Net;
using System.Net.Sockets;
using Osmo.Hosting.Settings;

namespace Osmo.Silo.Engine;

/// <summary>
/// The ports of a silo, tried before it joins its cluster. A silo joins before it listens, as the newer self of whoever has its address and port: one that is started
/// twice by mistake would make the cluster give up the one that works.
/// </summary>
internal static class SiloPorts
{
    /// <exception cref="SettingsException">A port is taken, or this user must not listen on it; the message names the setting.</exception>
    public static void EnsureFree(SiloOptions options)
    {
        var address = options.AdvertisedAddress is { } advertised && IPAddress.IsLoopback(IPAddress.Parse(advertised)) ? IPAddress.Parse(advertised) : IPAddress.Any;
        EnsureFree(nameof(options.SiloPort), address, options.SiloPort);
        EnsureFree(nameof(options.GatewayPort), address, options.GatewayPort);
    }

    private static void EnsureFree(string setting, IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
        }
        catch (SocketException error)
        {
            throw new SettingsException(
                $"{SiloOptions.Section}:{setting} is {port}, where it cannot listen: {error.Message}. If another silo of this machine has it, choose another.", error);
        }
    }
}
