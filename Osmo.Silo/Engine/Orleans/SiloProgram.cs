using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Osmo.Hosting;
using Osmo.Hosting.Settings;
using Osmo.Silo.Engine;

namespace Osmo.Silo;

/// <summary>A silo as a program: one of the members of a cluster.</summary>
public static class SiloProgram
{
    /// <summary>The program's own settings, besides <see cref="ServiceSettings.Sections"/>.</summary>
    public static ImmutableArray<SettingsSection> Sections { get; } = [SettingsSection.Of<SiloOptions>(SiloOptions.Section)];

    internal static Task<int> Main(string[] args) => ServiceProgram.Run("osmo-silo", () => Build(args));

    private static IHost Build(string[] args)
    {
        var builder = Host.CreateApplicationBuilder();
        var service = builder.AddOsmoService(Sections, args);
        builder.AddOsmoSilo(service);
        return builder.Build();
    }
}
