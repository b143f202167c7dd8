using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Hosting;
using Osmo.Hosting.Settings;

namespace Osmo.Gateway;

/// <summary>The embedded engine has no clusters.</summary>
public static class GatewayProgram
{
    public static ImmutableArray<SettingsSection> Sections { get; } = [SettingsSection.Of<GatewayOptions>(GatewayOptions.Section)];

    internal static int Main() => ServiceProgram.NeedsOrleans("osmo-gateway");
}
