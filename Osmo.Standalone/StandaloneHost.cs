using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Console;
using Osmo.BackendOperator;
using Osmo.BackendOperator.Local;
using Osmo.Gateway;
using Osmo.Gateway.Conventions;
using Osmo.Silo;
using Osmo.Storage;
using Osmo.Workflows.Templates;

namespace Osmo.Standalone;

/// <summary>The composition root: every part of Osmo in one process, on one machine, for one user.</summary>
internal static class StandaloneHost
{
    /// <summary>Settings come from the command line; without these two the host would watch the caller's whole directory tree for changes of a file.</summary>
    private static readonly WebApplicationOptions HostOptions = new()
    {
        ContentRootPath = AppContext.BaseDirectory,
        Args = ["--hostBuilder:reloadConfigOnChange=false"],
    };

    public static WebApplication Build(StandaloneOptions options, LogLevel logLevel)
    {
        var builder = WebApplication.CreateSlimBuilder(HostOptions);
        builder.Logging.ClearProviders().SetMinimumLevel(logLevel);
        // What keeps a start from succeeding is said once, by the command line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // Remarks on late turns, timers, heartbeats and stops: on a busy laptop they are no news to its user.
        builder.Logging.AddFilter("Orleans.Runtime.Scheduler", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Runtime.MembershipService.LocalSiloHealthMonitor", LogLevel.Critical);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        builder.WebHost.UseUrls(options.Url.ToString());
        builder.Services.AddSingleton<IHostLifetime, CommandLineLifetime>();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ITemplateRenderer, TemplateEngine>();
        builder.Services.AddOsmoStorage(new StorageOptions { Database = options.Database, Objects = options.Objects });
        builder.AddOsmoSilo(silo =>
        {
            (silo.SiloPort, silo.GatewayPort) = FreePorts();
            silo.Configuration = options.Configuration;
        });
        builder.Services.AddHostedService<StandaloneConfiguration>();
        builder.Services.AddSingleton<NodeRegistration>();
        builder.Services.AddOsmoGateway(builder.Configuration);
        if (options.External is { } external)
        {
            // Listening on loopback only, this process is what a tunnel from there leads to.
            builder.Services.Configure<GatewayOptions>(gateway => gateway.TunnelHosts.Add(external.TaskUrl.Host));
        }
        else
        {
            AddLocalBackend(builder.Services, options);
        }

        var app = builder.Build();
        app.MapOsmoGateway();
        return app;
    }

    /// <summary>This machine as the backend, and its operator.</summary>
    private static void AddLocalBackend(IServiceCollection services, StandaloneOptions options)
    {
        services.AddOsmoLocalCluster(new LocalClusterOptions
        {
            DataDirectory = options.DataDirectory,
            SupervisorCommand = SupervisorCommand(),
        });
        services.AddOsmoBackendOperator(_ => new BackendOperatorOptions
        {
            ServiceUrl = options.Url,
            Backend = StandaloneConfiguration.Backend,
            Namespace = StandaloneConfiguration.Namespace,
            Credential = new OperatorCredential.Dev("osmo-operator"),
        });
    }

    /// <summary>Orleans wants two ports even when it is alone; nobody else needs to know them, and several standalones may run side by side.</summary>
    private static (int Silo, int Gateway) FreePorts()
    {
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return (((IPEndPoint)silo.LocalEndpoint).Port, ((IPEndPoint)gateway.LocalEndpoint).Port);
    }

    /// <summary>The runtime lies beside this program, as a program of its own: task processes outlive a crash of this one.</summary>
    private static ImmutableArray<string> SupervisorCommand()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Osmo.Runtime");
        return File.Exists(program)
            ? [program, "pod"]
            : throw new StandaloneException($"{program} is missing; build Osmo.Standalone again.");
    }
}

/// <summary>
/// The command line has the signals, and stops the host itself: so every part hears of the stop in its turn, the operator before the server
/// it is connected to.
/// </summary>
internal sealed class CommandLineLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
