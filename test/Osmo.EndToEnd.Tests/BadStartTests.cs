using System.Net;
using System.Net.Sockets;
using Osmo.Testing;

namespace Osmo.EndToEnd.Tests;

/// <summary>Starts that cannot succeed: one clear line and an exit code, no stack trace.</summary>
[Collection(Lanes.Second)]
public sealed class BadStartTests : IDisposable
{
    private readonly DataDirectory _data = new();

    [Fact]
    public async Task Serve_PortInUse_SaysWhichPort()
    {
        using var other = new TcpListener(IPAddress.Loopback, _data.Port);
        other.Start();

        await Fails(_data.Arguments, $"127.0.0.1:{_data.Port}", "--port");
    }

    [Fact]
    public async Task Serve_DataDirectoryBelowAFile_SaysWhichDirectory()
    {
        Directory.CreateDirectory(_data.Path);
        var file = Path.Combine(_data.Path, "file");
        await File.WriteAllTextAsync(file, "");

        await Fails(["--data-dir", $"{file}/data", "--port", $"{_data.Port}"], $"{file}/data", "--data-dir");
    }

    [Fact]
    public async Task Serve_DataDirectoryInUse_SaysWhichDirectoryAndDisturbsNobody()
    {
        await using var server = await Server.Start(_data);
        using var user = server.User("ann");

        await Fails(["--data-dir", _data.Path, "--port", $"{FreePort.Next()}"], _data.Path, "Another standalone");

        Assert.Equal("COMPLETED", (await user.End(await user.Submit(Specs.Script("w", "true"))))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Serve_DatabaseOutOfReach_SaysWhichDatabase()
    {
        var port = FreePort.Next();

        await Fails([.. _data.Arguments, "--database", $"postgres://osmo:secret@127.0.0.1:{port}/osmo"], $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task Serve_DatabaseOfUnknownKind_SaysWhatIsAllowed() =>
        await Fails([.. _data.Arguments, "--database", "mysql://127.0.0.1/osmo"], "sqlite", "postgres");

    [Fact]
    public async Task Serve_ConfigurationThatIsMissing_SaysWhichFile() =>
        await Fails([.. _data.Arguments, "--configuration", $"{_data.Path}/nothing.json"], "--configuration", $"{_data.Path}/nothing.json");

    [Theory]
    [InlineData("""{ "backends": { "default": { "scheduler_settings": { "scheduler_type": "kai" } } } }""", "backends.default.scheduler_settings.scheduler_type", "--scheduler")]
    [InlineData("""{ "service": { "service_base_url": "http://osmo.example.com" } }""", "service.service_base_url", "--task-url")]
    public async Task Serve_ConfigurationThatContradictsAnOption_SaysWhich(string configuration, string setting, string option)
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "configuration.json");
        await File.WriteAllTextAsync(file, configuration);

        await Fails([.. _data.Arguments, "--configuration", file], file, setting, option);
    }

    [Fact]
    public async Task Serve_SchedulerThatIsUnknown_SaysWhatIsAllowed() =>
        await Fails([.. _data.Arguments, "--operator", "external", "--runtime-image", "runtime", "--scheduler", "slurm"], "--scheduler", "default", "kai");

    [Fact]
    public async Task Serve_ConfigurationThatIsWrong_SaysWhere()
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "configuration.json");
        await File.WriteAllTextAsync(file, """{ "service": { "agent_queue_size": "many" } }""");

        await Fails([.. _data.Arguments, "--configuration", file], file, "agent_queue_size");
    }

    [Fact]
    public async Task Submit_MissingFile_SaysWhichFile() =>
        await Fails(["submit", $"{_data.Path}/nothing.yaml", .. _data.Arguments], $"{_data.Path}/nothing.yaml");

    [Fact]
    public async Task Submit_BadSpecification_SaysWhatIsWrong()
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "spec.yaml");
        await File.WriteAllTextAsync(file, "werkflow: {}");

        var ended = await StandaloneProcess.Run(["submit", file, .. _data.Arguments]);

        Assert.Equal(
            (1, "osmo: Unknown top-level key \"werkflow\" found in the workflow spec.\n  werkflow; allowed: workflow, default-values, version [line 1, column 1]"),
            (ended.ExitCode, ended.Errors));
    }

    [Fact]
    public async Task Submit_FileThatIsNoText_SaysWhichFile()
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "spec.yaml");
        await File.WriteAllBytesAsync(file, [.. "workflow: {name: \""u8, 0xff, .. "\"}"u8]);

        await Fails(["submit", file, .. _data.Arguments], file, "UTF-8");
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--colour", "red")]
    [InlineData("--log-level", "chatty")]
    public async Task Serve_OptionThatIsWrong_SaysWhichWithoutThePageOfHelp(string option, params string[] value)
    {
        var ended = await StandaloneProcess.Run(["--data-dir", _data.Path, option, .. value]);

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(option, ended.Errors);
        Assert.DoesNotContain("Usage:", $"{ended}");
    }

    [Theory]
    [InlineData("--runtime-image")]
    [InlineData("--task-url")]
    [InlineData("--scheduler")]
    public async Task Serve_OptionOfAnExternalOperatorWithoutOne_IsRefused(string option) =>
        await Fails([.. _data.Arguments, option, "kai"], option, "--operator external");

    public void Dispose() => _data.Dispose();

    private static async Task Fails(IEnumerable<string> arguments, params string[] says)
    {
        var ended = await StandaloneProcess.Run(arguments);

        Assert.True(ended.ExitCode != 0, $"{ended}");
        Assert.StartsWith("osmo: ", ended.Errors);
        Assert.DoesNotContain("\n", ended.Errors);
        Assert.DoesNotContain("secret", ended.Errors);
        Assert.All(says, text => Assert.Contains(text, ended.Errors));
    }
}
