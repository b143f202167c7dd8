using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Osmo.Cli.Tests;

/// <summary>An HTTP server on a free port that answers every request with one function.</summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly WebApplication _web;

    private ScriptedService(WebApplication web) => _web = web;

    public Uri Url => new(_web.Urls.Single());

    /// <summary>Method, path and query of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<ScriptedService> Start(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var service = new ScriptedService(web);
        web.Run(context =>
        {
            service.Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            return answer(context);
        });
        await web.StartAsync();
        return service;
    }

    /// <summary>Always the same answer.</summary>
    public static Task<ScriptedService> Start(int status, string body, string contentType = "application/json") => Start(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    });

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
