using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Osmo.Hosting.Metrics;
using Osmo.Hosting.Settings;
using Osmo.Hosting.Telemetry;
using Osmo.Storage;

namespace Osmo.Hosting;

/// <summary>The settings that every program of a cluster has.</summary>
public sealed record ServiceSettings(ProcessSettings Process, ClusterSettings Cluster, StorageOptions Storage)
{
    public static ImmutableArray<SettingsSection> Sections { get; } =
    [
        SettingsSection.Of<ProcessSettings>(ProcessSettings.Section),
        SettingsSection.Of<ClusterSettings>(ClusterSettings.Section),
        SettingsSection.Of<StorageSettings>(StorageSettings.Section),
    ];
}

public static class ServiceHosting
{
    private const string ConfigOption = "config";

    /// <summary>
    /// What every program of a cluster has: settings (the file of <c>--config</c>, over it the environment, over it the command line), storage, health, and a stop in
    /// good order.
    /// </summary>
    /// <param name="sections">The program's own settings.</param>
    /// <exception cref="SettingsException">A setting is wrong or unknown.</exception>
    public static ServiceSettings AddOsmoService(this IHostApplicationBuilder builder, ImmutableArray<SettingsSection> sections, string[] arguments)
    {
        Configure(builder.Configuration, sections, arguments);
        var settings = new ServiceSettings(
            builder.Configuration.Read<ProcessSettings>(ProcessSettings.Section).Checked(),
            builder.Configuration.Read<ClusterSettings>(ClusterSettings.Section).Checked(),
            builder.Configuration.Read<StorageSettings>(StorageSettings.Section).ToOptions());

        var services = builder.Services;
        services.AddSingleton(settings.Process);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Draining>();
        services.AddSingleton<IHostLifetime, DrainLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Process.StopTimeout);
        services.AddSingleton<IManagementPage, MetricsPage>();
        services.AddHostedService<ManagementServer>();
        services.AddOsmoStorage(settings.Storage);
        services.AddSingleton<IReadiness, StorageReadiness>();
        if (OtlpExport.IsWanted(builder.Configuration))
        {
            services.AddHostedService<OtlpExport>();
        }

        return settings;
    }

    private static void Configure(IConfigurationManager configuration, ImmutableArray<SettingsSection> sections, string[] arguments)
    {
        var commandLine = CommandLine(arguments);
        configuration.Sources.Insert(0, DefaultLogging());
        if (commandLine[ConfigOption] is { } file)
        {
            AddFile(configuration, file);
            commandLine = CommandLine(WithoutConfig(arguments));
        }

        configuration.AddEnvironmentVariables();
        configuration.AddConfiguration(commandLine);
        SettingsReader.RefuseUnknown(configuration, commandLine, sections.AddRange(ServiceSettings.Sections));
    }

    private static IConfigurationRoot CommandLine(string[] arguments)
    {
        if (arguments.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            throw new SettingsException("Settings are given as --Osmo:Section:Name value, Osmo__Section__Name in the environment, or in the JSON file of --config; docs/operations.md lists them.");
        }

        try
        {
            return new ConfigurationBuilder().AddCommandLine(arguments).Build();
        }
        catch (FormatException error)
        {
            throw new SettingsException($"Command line: {error.Message}", error);
        }
    }

    private static void AddFile(IConfigurationManager configuration, string file)
    {
        try
        {
            configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            throw new SettingsException($"--{ConfigOption} {file}: {error.Message} {error.InnerException?.Message}".TrimEnd(), error);
        }
    }

    private static string[] WithoutConfig(string[] arguments)
    {
        var at = Array.FindIndex(arguments, argument => argument.StartsWith($"--{ConfigOption}", StringComparison.OrdinalIgnoreCase));
        var length = arguments[at].Contains('=') ? 1 : 2;
        return [.. arguments[..at], .. arguments[(at + length)..]];
    }

    /// <summary>Below every other source: one line per message, and of the frameworks only what matters.</summary>
    private static Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource DefaultLogging() => new()
    {
        InitialData =
        [
            new("Logging:LogLevel:Default", "Information"),
            new("Logging:LogLevel:Microsoft", "Warning"),
            new("Logging:LogLevel:Orleans", "Warning"),
            // It warns once a second that there is no silo; that is said by whoever waits for one, and by the probe.
            new("Logging:LogLevel:Orleans.Messaging.GatewayManager", "Error"),
            // What keeps a start from succeeding is said once, at the end.
            new("Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host", "None"),
            new("Logging:Console:FormatterName", "simple"),
            new("Logging:Console:FormatterOptions:SingleLine", "true"),
            new("Logging:Console:FormatterOptions:TimestampFormat", "yyyy-MM-ddTHH:mm:ss.fffZ "),
            new("Logging:Console:FormatterOptions:UseUtcTimestamp", "true"),
        ],
    };
}
