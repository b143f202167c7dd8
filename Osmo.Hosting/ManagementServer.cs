using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.Hosting.Settings;

namespace Osmo.Hosting;

/// <summary>
/// Health and metrics on a port of their own, from before anything else starts until after everything else has stopped: <c>/health/live</c> (the process runs),
/// <c>/health/ready</c> (it has started, does not drain, and everything it needs answers).
/// </summary>
internal sealed partial class ManagementServer(
    ProcessSettings settings,
    Draining draining,
    IHostApplicationLifetime application,
    IEnumerable<IReadiness> needs,
    IEnumerable<IManagementPage> pages,
    TimeProvider time,
    ILogger<ManagementServer> logger) : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>How long everything needed may take together to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private WebApplication? _server;

    /// <summary>Where it listens, once it has started.</summary>
    public Uri? Address { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(settings.Management));
        _server = builder.Build();
        _server.Run(Serve);
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            throw new SettingsException($"{ProcessSettings.Section}:{nameof(ProcessSettings.ManagementEndpoint)}: {error.Message} Choose another.", error);
        }

        Address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        LogListening(Address);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task Serve(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/health/live":
                await context.Response.WriteAsync("live\n");
                break;
            case "/health/ready":
                await Ready(context);
                break;
            case var path when pages.FirstOrDefault(page => page.Path == path) is { } page:
                context.Response.ContentType = page.ContentType;
                await page.Write(context.Response.Body, context.RequestAborted);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync($"There are {string.Join(", ", ["/health/live", "/health/ready", .. pages.Select(page => page.Path)])}.\n");
                break;
        }
    }

    private async Task Ready(HttpContext context)
    {
        var reason = draining.IsOn ? "The process is stopping."
            : !application.ApplicationStarted.IsCancellationRequested ? "The process is starting."
            : await Missing(context.RequestAborted);
        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync($"{reason ?? "ready"}\n");
    }

    private async Task<string?> Missing(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            var reasons = await Task.WhenAll(needs.Select(need => need.WhyNot(either.Token))).WaitAsync(either.Token);
            return reasons.FirstOrDefault(reason => reason is not null);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return $"No answer within {Patience.TotalSeconds} s.";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever it is, the process cannot serve; the text may name hosts, so it goes to the log.
            LogNotReady(error);
            return "Something the process needs has failed; its log says what.";
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Health and metrics at {Address}.")]
    private partial void LogListening(Uri address);

    [LoggerMessage(2, LogLevel.Warning, "Not ready.")]
    private partial void LogNotReady(Exception error);
}
