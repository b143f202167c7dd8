using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Osmo.Grains.Interfaces;
using Osmo.Hosting.Telemetry;

namespace Osmo.Hosting.Tests.Telemetry;

/// <summary>Spans and figures arrive at a receiver, over HTTP.</summary>
[Collection(TraceTests.Name)]
public sealed class OtlpExportTests : IAsyncLifetime
{
    private const string Uuid = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly ConcurrentDictionary<string, byte[]> _received = new(StringComparer.Ordinal);
    private WebApplication _receiver = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received[context.Request.Path.Value!] = body.ToArray();
        });
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task Stopped_WhatWasMeasured_IsAtTheReceiver()
    {
        using var meter = new Meter("Osmo.Test");
        var counter = meter.CreateCounter<int>("osmo.test.apples");
        using var export = new OtlpExport(Configuration(("OTEL_EXPORTER_OTLP_ENDPOINT", _receiver.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")), Environment);
        await export.StartingAsync(default);
        WorkflowTrace.Start(Uuid, "job")!.Dispose();
        counter.Add(1);
        await export.StoppedAsync(default);

        Assert.Contains(Uuid, Convert.ToHexStringLower(_received["/v1/traces"]), StringComparison.Ordinal);
        Assert.Contains("osmo-test", Encoding.Latin1.GetString(_received["/v1/traces"]), StringComparison.Ordinal);
        Assert.Contains("osmo.test.apples", Encoding.Latin1.GetString(_received["/v1/metrics"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "OTEL_SERVICE_NAME", "osmo")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces")]
    public void IsWanted_OnlyWithAnEndpoint(bool expected, string name, string value)
    {
        Assert.Equal(expected, OtlpExport.IsWanted(Configuration((name, value))));
        Assert.False(OtlpExport.IsWanted(Configuration((name, value), ("OTEL_SDK_DISABLED", "true"))));
    }

    private static HostingEnvironment Environment => new() { ApplicationName = "osmo-test" };

    private static IConfiguration Configuration(params IEnumerable<(string Name, string Value)> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build();
}

/// <summary>Who listens hears the spans of all; so these run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class TraceTests
{
    public const string Name = "traces";
}
