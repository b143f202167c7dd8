using System.Net;
using System.Net.Sockets;
using Osmo.Hosting.Settings;
using Osmo.Silo.Engine;
using Osmo.Testing;

namespace Osmo.Silo.Tests.Orleans;

public sealed class SiloPortsTests
{
    [Theory]
    [InlineData(nameof(SiloOptions.SiloPort), "127.0.0.1")]
    [InlineData(nameof(SiloOptions.GatewayPort), "127.0.0.1")]
    [InlineData(nameof(SiloOptions.SiloPort), null)]
    public void EnsureFree_PortOfAnotherSilo_NamesTheSetting(string setting, string? advertised)
    {
        using var other = new TcpListener(IPAddress.Loopback, FreePort.Next());
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        var isSiloPort = setting == nameof(SiloOptions.SiloPort);

        var error = Assert.Throws<SettingsException>(() => SiloPorts.EnsureFree(new SiloOptions
        {
            AdvertisedAddress = advertised,
            SiloPort = isSiloPort ? taken : FreePort.Next(),
            GatewayPort = isSiloPort ? FreePort.Next() : taken,
        }));

        Assert.StartsWith($"Osmo:Silo:{setting} is {taken}, where it cannot listen: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureFree_FreePorts_LeavesThemFree()
    {
        var options = new SiloOptions { AdvertisedAddress = "127.0.0.1", SiloPort = FreePort.Next(), GatewayPort = FreePort.Next() };
        SiloPorts.EnsureFree(options);
        SiloPorts.EnsureFree(options);
    }
}
