using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Osmo.EndToEnd.Tests;

/// <summary>A stop in good order, and the start after it.</summary>
[Collection(Lanes.Second)]
public sealed class StopTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Tasks that do not listen are given 5 s; the rest is for a busy machine, and far below the ten minutes that they want.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly DataDirectory _data = new();

    [Theory]
    [InlineData(Signals.Terminate, "trap 'echo bye; exit 1' TERM; echo running; sleep 600 & wait", "[main] bye")]
    [InlineData(Signals.Interrupt, "echo running; sleep 600", "[main] running")]
    [InlineData(Signals.Terminate, "trap '' TERM INT HUP; echo running; while true; do sleep 1; done", "[main] running")]
    public async Task Stop_WhileATaskRuns_EndsItAndReportsItAtTheNextStart(int signal, string script, string lastWords)
    {
        string id;
        await using (var server = await Server.Start(_data))
        {
            using var user = server.User("ann");
            id = await user.Submit(Specs.Script("endless", script));
            await user.Line(id, "[main] running");
            var stopping = Stopwatch.StartNew();

            var ended = await server.Stop(signal);

            output.WriteLine($"stopped after {stopping.Elapsed.TotalSeconds:F2} s");
            Assert.True(ended.ExitCode == 0, $"{ended}");
            Assert.Equal("", ended.Errors);
            Assert.True(stopping.Elapsed < StopLimit, $"It took {stopping.Elapsed}.");
            await _data.Quiet();
        }

        await using var next = await Server.Start(_data);
        using var reader = next.User("ann");
        var workflow = await reader.End(id);
        Assert.Equal("FAILED", Status(workflow));
        Assert.Contains(lastWords, await reader.Logs(id));
        Assert.Equal("FAILED_BACKEND_ERROR", Status(workflow["groups"]![0]!["tasks"]![0]!));
        await _data.Tidy();
        Assert.Equal("COMPLETED", Status(await reader.End(await reader.Submit(Specs.Script("after", "true")))));
    }

    [Fact]
    public async Task Submit_Interrupted_EndsItsTaskAndSaysSo()
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "spec.yaml");
        await File.WriteAllTextAsync(file, Specs.Script("endless", "echo running; sleep 600"));
        await using var process = StandaloneProcess.Start(["submit", file, .. _data.Arguments]);
        await process.Line(line => line.EndsWith("[main] running", StringComparison.Ordinal));

        process.Signal(Signals.Interrupt);
        var ended = await process.End();

        Assert.Equal(130, ended.ExitCode);
        Assert.Equal("osmo: Interrupted; tasks that ran were ended.", ended.Errors);
        await _data.Quiet();
    }

    public void Dispose() => _data.Dispose();

    private static string Status(JsonNode of) => of["status"]!.GetValue<string>();
}
