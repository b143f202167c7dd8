namespace Osmo.EndToEnd.Tests;

/// <summary>What the service configuration says, from a file.</summary>
[Collection(Lanes.Second)]
public sealed class ConfigurationTests : IDisposable
{
    private readonly DataDirectory _data = new();

    [Fact]
    public async Task Serve_WithAConfiguration_PutsTaskDataWhereItSays()
    {
        var elsewhere = Path.Combine(_data.Path, "elsewhere");
        await using var server = await Server.Start(_data, "--configuration", await File($$"""
            { "workflow": { "workflow_data": { "credential": { "endpoint": "file://{{elsewhere}}" } } } }
            """));
        using var user = server.User("ann");

        var ended = await user.End(await user.Submit(Specs.Diamond("data", "blue")));

        Assert.Equal("COMPLETED", ended["status"]!.GetValue<string>());
        Assert.NotEmpty(Directory.EnumerateFiles(elsewhere, "*", SearchOption.AllDirectories));
    }

    public void Dispose() => _data.Dispose();

    private async Task<string> File(string text)
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "configuration.json");
        await System.IO.File.WriteAllTextAsync(file, text);
        return file;
    }
}
