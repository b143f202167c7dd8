using System.Collections.Immutable;
using Osmo.Hosting;
using Osmo.Hosting.Settings;

namespace Osmo.Silo;

/// <summary>The embedded engine has no clusters.</summary>
public static class SiloProgram
{
    public static ImmutableArray<SettingsSection> Sections { get; } = [SettingsSection.Of<SiloOptions>(SiloOptions.Section)];

    internal static int Main() => ServiceProgram.NeedsOrleans("osmo-silo");
}
