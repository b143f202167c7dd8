using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.Testing.Kubernetes;

/// <summary>How a fake cluster is made.</summary>
public sealed record FakeKubernetesOptions
{
    /// <summary>Clock of the server.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Namespaces there are besides <c>kube-system</c> and <c>default</c>.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = ["osmo"];

    public IReadOnlyList<Resource> Resources { get; init; } = Resource.Usual;

    /// <summary>Where it listens: an address of this machine.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>Serves HTTPS with this certificate when set.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Decides who may come in, by bearer token and client certificate; null lets everybody in.</summary>
    public Func<string?, X509Certificate2?, bool>? Authenticate { get; init; }
}

/// <summary>
/// A Kubernetes API server in this process, spoken to over real HTTP: lists in pages, watches, optimistic versions, finalizers, grace
/// periods, logs, <c>Status</c> errors. Nobody schedules or runs pods but <see cref="Cluster.FakeCluster"/>.
/// </summary>
public sealed class FakeKubernetes : IAsyncDisposable
{
    /// <summary>Calls remembered; tests look at few.</summary>
    private const int CallsMax = 1_000_000;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ApiCall> _calls = [];
    private readonly FakeKubernetesOptions _options;
    private readonly ApiHandlers _handlers;

    private FakeKubernetes(WebApplication app, FakeKubernetesOptions options)
    {
        (_app, _options) = (app, options);
        Storage = new ApiStorage(options.Time);
        Writes = new ApiWrites(Storage);
        Logs = new PodLogs(Storage);
        _handlers = new ApiHandlers(options, Storage, Writes, Logs, Faults);
    }

    public ApiStorage Storage { get; }

    public ApiWrites Writes { get; }

    public PodLogs Logs { get; }

    public Faults Faults { get; } = new();

    /// <summary>Every request for objects, in the order of arrival.</summary>
    public IReadOnlyCollection<ApiCall> Calls => _calls;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<FakeKubernetes> StartAsync(FakeKubernetesOptions? options = null)
    {
        options ??= new FakeKubernetesOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.Listen(options.Host, 0, listen =>
            {
                if (options.Certificate is { } certificate)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        var app = builder.Build();
        var fake = new FakeKubernetes(app, options);
        app.Run(context => fake._handlers.ServeAsync(context, fake.Remember));
        foreach (var @namespace in options.Namespaces.Concat(["kube-system", "default"]))
        {
            fake.Writes.Create(Resource.Namespaces, null, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = @namespace } });
        }

        await app.StartAsync();
        return fake;
    }

    /// <summary>Breaks every open watch without goodbye.</summary>
    public void BreakWatches() => _handlers.BreakWatches();

    /// <summary>Every open watch says nothing more, and its connection stays: as if the way to the server were cut without a word.</summary>
    public void MuteWatches() => _handlers.MuteWatches();

    /// <summary>Half-read lists and old versions are forgotten, as etcd's compaction does it.</summary>
    public void Compact()
    {
        Storage.Compact();
        _handlers.ForgetContinuations();
    }

    public async ValueTask DisposeAsync()
    {
        BreakWatches();
        await _app.DisposeAsync();
        _handlers.Dispose();
    }

    private void Remember(ApiCall call)
    {
        _calls.Enqueue(call);
        if (_calls.Count > CallsMax)
        {
            _calls.TryDequeue(out _);
        }
    }
}
