using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Osmo.Gateway;
using Osmo.Silo;
using Osmo.Storage;
using Osmo.Testing;
using Osmo.Workflows.Templates;

namespace Osmo.Bench.Server;

/// <summary>
/// <c>serve</c>: the server under test in a process of its own, so that its memory is its own: gateway, grains and storage, no operator.
/// It says where it listens and ends with its input, that is, with the process that started it.
/// </summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public const string DatabaseOption = "--database";

    public const string FolderOption = "--folder";

    public const string PortOption = "--port";

    /// <summary>What the line that names the address starts with.</summary>
    public const string ReadyPrefix = "ready ";

    public static Command Command()
    {
        var database = new Option<string>(DatabaseOption) { Required = true };
        var folder = new Option<string>(FolderOption) { Required = true };
        var port = new Option<int>(PortOption);
        var command = new Command(Name, "The server under test; started by the other commands.") { database, folder, port };
        command.Hidden = true;
        command.SetAction((result, cancellation) =>
            Serve(result.GetRequiredValue(database), result.GetRequiredValue(folder), result.GetValue(port), cancellation));
        return command;
    }

    private static async Task<int> Serve(string database, string folder, int port, CancellationToken cancellation)
    {
        await using var app = Build(database, folder, port);
        await app.StartAsync(cancellation);
        var address = app.Urls.Single();
        await ServedConfiguration.Write(app.Services.GetRequiredService<IGrainFactory>(), address, folder);
        Console.WriteLine(ReadyPrefix + address);
        await Console.In.ReadToEndAsync(cancellation);
        await app.StopAsync(CancellationToken.None);
        return 0;
    }

    private static WebApplication Build(string database, string folder, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // The first line on stdout says that it is ready, and where.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddSingleton<ITemplateRenderer, TemplateEngine>();
        builder.Services.AddOsmoStorage(new StorageOptions { Database = database, Objects = $"file:{folder}/objects" });
        builder.AddOsmoSilo(silo => (silo.SiloPort, silo.GatewayPort) = (FreePort.Next(), FreePort.Next())); // what Orleans wants even when it is alone
        builder.Services.AddOsmoGateway(builder.Configuration);
        var app = builder.Build();
        RawEndpoints.Use(app);
        app.MapOsmoGateway();
        return app;
    }
}
