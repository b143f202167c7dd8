using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osmo.BackendOperator.Connection;
using Osmo.Hosting.Metrics;

namespace Osmo.BackendOperator.Hosting;

/// <summary>
/// Answers probes, and shows what is measured. Alive means that the process answers: a control plane or an API server that is away is no reason to restart, which
/// would only lose what waits to be reported. Ready means that every connection to the control plane is up.
/// </summary>
internal sealed class HealthEndpoint(ConnectionBoard connections, MetricsPage metrics, int port) : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Where it listens once it has started; chosen by the system when <c>port</c> is 0.</summary>
    public int Port => new Uri(_app!.Urls.Single()).Port;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.MapGet("/livez", () => Results.Text("ok"));
        _app.MapGet("/readyz", () => connections.Missing is { Length: > 0 } missing
            ? Results.Text($"not connected: {string.Join(", ", missing)}", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ok"));
        _app.MapGet(metrics.Path, async context =>
        {
            context.Response.ContentType = metrics.ContentType;
            await metrics.Write(context.Response.Body, context.RequestAborted);
        });
        await _app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}
