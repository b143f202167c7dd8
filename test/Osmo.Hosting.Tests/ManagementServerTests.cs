using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.Hosting.Settings;

namespace Osmo.Hosting.Tests;

public sealed class ManagementServerTests : IAsyncLifetime, IDisposable
{
    private readonly Need _need = new();
    private readonly StartGate _gate = new();
    private readonly HttpClient _http = new();
    private IHost _host = null!;
    private Task _starting = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSingleton(new ProcessSettings { ManagementEndpoint = "127.0.0.1:0" });
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<Draining>().AddSingleton<IReadiness>(_need);
        builder.Services.AddSingleton<ManagementServer>().AddHostedService(provider => provider.GetRequiredService<ManagementServer>());
        builder.Services.AddHostedService(_ => _gate);
        _host = builder.Build();
        _starting = _host.StartAsync();
        await _gate.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
        _http.BaseAddress = _host.Services.GetRequiredService<ManagementServer>().Address;
    }

    public async Task DisposeAsync()
    {
        _gate.Open.TrySetResult();
        await _starting;
        await _host.StopAsync();
    }

    public void Dispose()
    {
        _host.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Live_FromBeforeAnythingElseStarts()
    {
        Assert.Equal((HttpStatusCode.OK, "live\n"), await Get("/health/live"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The process is starting.\n"), await Get("/health/ready"));
    }

    [Fact]
    public async Task Ready_OnceStarted_WhileEverythingAnswers()
    {
        await Started();
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await Get("/health/ready"));

        _need.Reason = "The cluster is gone.";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The cluster is gone.\n"), await Get("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, (await Get("/health/live")).Status);
    }

    [Fact]
    public async Task Ready_WhenAQuestionFails_KeepsTheReasonToTheLog()
    {
        await Started();
        _need.Failure = new InvalidOperationException("Host=secret");

        var (status, text) = await Get("/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_WhileDraining_IsNot()
    {
        await Started();
        _host.Services.GetRequiredService<Draining>().Start();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The process is stopping.\n"), await Get("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, (await Get("/health/live")).Status);
    }

    [Fact]
    public async Task OtherPaths_AreNotFound_AndToldWhatThereIs()
    {
        var (status, text) = await Get("/");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("/health/ready", text, StringComparison.Ordinal);
    }

    private Task Started()
    {
        _gate.Open.TrySetResult();
        return _starting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task<(HttpStatusCode Status, string Text)> Get(string path)
    {
        using var answer = await _http.GetAsync(path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed class Need : IReadiness
    {
        public string? Reason { get; set; }

        public Exception? Failure { get; set; }

        public Task<string?> WhyNot(CancellationToken cancellation) => Failure is null ? Task.FromResult(Reason) : Task.FromException<string?>(Failure);
    }

    /// <summary>Something that takes long to start.</summary>
    private sealed class StartGate : IHostedService
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Reached.SetResult();
            return Open.Task;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
