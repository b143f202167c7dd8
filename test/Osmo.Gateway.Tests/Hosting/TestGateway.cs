using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Osmo.Grains.Interfaces;
using Osmo.Storage;
using Osmo.Storage.Objects;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Templates;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>A gateway on a real port, over real storage in a throw-away folder, and hand-written grains.</summary>
public sealed class TestGateway : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly FakeGrains _fakes;

    private TestGateway(string folder, WebApplication app, FakeGrains fakes, Uri address, LogCapture logged)
    {
        (_folder, _app, _fakes, Logged) = (folder, app, fakes, logged);
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public LogCapture Logged { get; }

    public IStateStore Store => _app.Services.GetRequiredService<IStateStore>();

    public IObjectStore Objects => _app.Services.GetRequiredService<IObjectStore>();

    public IServiceProvider Services => _app.Services;

    public FakeConfiguration Configuration => Grain<IConfigurationGrain, FakeConfiguration>(IConfigurationGrain.Key);

    public static Task<TestGateway> Start(params (string Key, string Value)[] settings) => Start(TimeProvider.System, settings);

    public static async Task<TestGateway> Start(TimeProvider time, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("osmo-gateway-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var logged = new LogCapture();
        builder.Logging.ClearProviders().AddFilter("Osmo", LogLevel.Debug).AddProvider(logged);
        foreach (var (key, value) in settings.Prepend(("Osmo:Gateway:ConfigurationAgeMax", "00:00:00")))
        {
            builder.Configuration[key] = value;
        }

        var (factory, fakes) = FakeGrains.Create();
        builder.Services.AddSingleton(factory).AddSingleton(time);
        builder.Services.AddSingleton<ITemplateRenderer>(new TemplateEngine());
        builder.Services.AddOsmoStorage(new StorageOptions { Database = $"sqlite:{folder}/state.db", Objects = $"file:{folder}/objects" });
        builder.Services.AddOsmoGateway(builder.Configuration);
        var app = builder.Build();
        app.MapOsmoGateway();

        fakes.Add<IWorkflowGrain>(_ => new FakeWorkflow());
        fakes.Add<IWorkflowLogGrain>(uuid => new FakeLog(app.Services.GetRequiredService<IStateStore>(), uuid));
        fakes.Add<ITaskGrain>(_ => new FakeTask());
        fakes.Add<IBackendGrain>(_ => new FakeBackend());
        fakes.Add<IProfileGrain>(_ => new FakeProfile());
        fakes.Add<IConfigurationGrain>(_ => new FakeConfiguration());
        fakes.Add<IServiceKeysGrain>(_ => new FakeServiceKeys());
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new TestGateway(folder, app, fakes, new Uri(address), logged);
    }

    public TFake Grain<TGrain, TFake>(string key) where TGrain : IGrainWithStringKey where TFake : class, TGrain =>
        (TFake)(object)_app.Services.GetRequiredService<IGrainFactory>().GetGrain<TGrain>(key);

    public FakeWorkflow Workflow(string uuid) => Grain<IWorkflowGrain, FakeWorkflow>(uuid);

    /// <summary>Every workflow is this one: for submits, whose uuid the gateway draws.</summary>
    public FakeWorkflow OneWorkflow()
    {
        var workflow = new FakeWorkflow();
        _fakes.Add<IWorkflowGrain>(_ => workflow);
        return workflow;
    }

    public FakeLog Log(string uuid) => Grain<IWorkflowLogGrain, FakeLog>(uuid);

    public FakeBackend Backend(string name) => Grain<IBackendGrain, FakeBackend>(name);

    public Task Configure(Func<ConfigurationSnapshot, ConfigurationSnapshot> change) =>
        Configuration.Replace(0, JsonSerializer.Serialize(change(ConfigurationSnapshot.Default), ConfigurationJson.Storage));

    public async Task Put<T>(RowKey key, T document, JsonTypeInfo<T> type) =>
        Assert.Equal(
            CommitOutcome.Committed, await Store.Commit([new RowWrite.Put(key, JsonSerializer.SerializeToUtf8Bytes(document, type))]));

    /// <summary>Sends a request as clients do: every one with a JSON content type.</summary>
    public async Task<HttpResponseMessage> Send(
        string method, string path, JsonNode? body = null, params (string Name, string Value)[] headers)
    {
        var url = new Uri(Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path);
        var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = new StringContent(body?.ToJsonString() ?? "") };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<(int Status, JsonNode? Body)> Json(
        string method, string path, JsonNode? body = null, params (string Name, string Value)[] headers)
    {
        using var response = await Send(method, path, body, headers);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<ClientWebSocket> Connect(string path, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        await socket.ConnectAsync(new UriBuilder(new Uri(Client.BaseAddress!, path)) { Scheme = "ws" }.Uri, CancellationToken.None);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
