using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Hosting.Settings;
using Osmo.Silo.Configuration;
using Osmo.Storage;
using Osmo.Testing;
using Osmo.Workflows.Configuration;

namespace Osmo.Silo.Tests;

public sealed class ConfigurationFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly StateFolder _folder = new();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _folder.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Start_WithAFile_ChangesWhatItSaysAndNothingElse()
    {
        File.WriteAllText(_file, """{ "service": { "service_base_url": "https://osmo" }, "backends": { "default": { "description": "ours" } } }""");

        var (version, read) = await Start();

        Assert.Equal("https://osmo", read.Service.ServiceBaseUrl);
        Assert.Equal(ConfigurationSnapshot.Default.Service.AgentQueueSize, read.Service.AgentQueueSize);
        Assert.Equal(ConfigurationSnapshot.Default.Pools.Keys, read.Pools.Keys);
        Assert.Equal("ours", read.Backends["default"].Description);
        Assert.Equal((version, "https://osmo"), await Start() is var (again, same) ? (again, same.Service.ServiceBaseUrl) : default);
    }

    [Fact]
    public async Task Start_WithAMemberThatIsReadUnderAnotherName_TakesIt()
    {
        File.WriteAllText(_file, """{ "workflow": { "backend_images": { "credential": { "password": "p" } } } }""");

        var (_, read) = await Start();

        Assert.Equal("p", read.Workflow.BackendImages.Credential.Auth.Reveal());
    }

    /// <summary>What the manifests bring.</summary>
    [Theory]
    [InlineData("base")]
    [InlineData("development")]
    [InlineData("production")]
    public async Task Start_WithAFileOfTheManifests_TakesIt(string folder)
    {
        File.Copy(Path.Combine(SourceTree(), "k8s", "control-plane", folder, "osmo-config.json"), _file, overwrite: true);

        var (_, read) = await Start();

        Assert.Equal("osmo-runtime:0.1.0", read.Workflow.BackendImages.Init);
        Assert.Equal(folder == "base" ? null : "s3://osmo-data", read.Workflow.WorkflowData.Credential?.Endpoint);
    }

    [Theory]
    [InlineData("[]", "It must be a JSON object.")]
    [InlineData("{", "Expected depth to be zero")]
    [InlineData("""{ "service": { "agent_queue_size": "many" } }""", "): service.agent_queue_size: The JSON value could not be converted")]
    [InlineData("""{ "workflw": {}, "workflow": { "max_num_tasks": 3 } }""", "workflw: ")]
    [InlineData("""{ "pools": { "default": { "platforms": { "default": { "description": "d", "colour": "red" } } } } }""", "pools.default.platforms.default.colour: ")]
    [InlineData("""{ "pools": { "default": { "common_pod_template": ["nowhere"] } } }""", "nowhere")]
    public async Task Start_WithAFileThatCannotBeUsed_SaysWhere(string content, string message)
    {
        File.WriteAllText(_file, content);

        var error = await Assert.ThrowsAsync<SettingsException>(Start);

        Assert.StartsWith($"Osmo:Silo:Configuration ({_file})", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    private async Task<(long Version, ConfigurationSnapshot Snapshot)> Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddOsmoStorage(_folder.Options);
        builder.AddOsmoSilo(options => (options.SiloPort, options.GatewayPort) = (FreePort.Next(), FreePort.Next()));
        builder.Services.AddHostedService(provider => new ConfigurationFile(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<FirstCalls>(), _file));
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        var stored = await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IConfigurationGrain>(IConfigurationGrain.Key).Get(-1);
        await host.StopAsync().WaitAsync(Patience);
        return (stored.Version, JsonSerializer.Deserialize<ConfigurationSnapshot>(stored.Json!, ConfigurationJson.Storage)!);
    }

    private static string SourceTree()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Osmo.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No Osmo.sln above {AppContext.BaseDirectory}.");
        }

        return folder;
    }
}
