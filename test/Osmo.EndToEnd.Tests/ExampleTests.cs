using System.Diagnostics;
using Xunit.Abstractions;

namespace Osmo.EndToEnd.Tests;

/// <summary>Every example, from the file to the exit code.</summary>
[Collection(Lanes.First)]
public sealed class ExampleTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Seconds on an idle machine; far below what a task that is waited for would take.</summary>
    private static readonly TimeSpan StopSoon = TimeSpan.FromSeconds(60);

    private readonly DataDirectory _data = new();

    [Theory]
    [InlineData("hello", new[] { "[hello] Hello from Osmo!" })]
    [InlineData("serial", new[] { "[make] wrote a note", "[read] the note says: made by serial-1" })]
    [InlineData("group", new[] { "[leader] leader ready", "[helper] helper ready", "[leader] leader done" })]
    [InlineData("fan", new[] { "[join] sum of squares: 2109" })]
    public async Task Submit_ExampleThatCompletes_ExitsWithZeroAndShowsItsLog(string example, string[] lines)
    {
        var ended = await Submit(example);

        Assert.True(ended.ExitCode == 0, $"{ended}");
        Assert.Contains($"Workflow ID        - {example}-1", ended.Output);
        Assert.All(lines, line => Assert.Contains(line, ended.Output));
        Assert.EndsWith("Workflow Status    - COMPLETED", ended.Output);
        Assert.Equal("", ended.Errors);
    }

    [Fact]
    public async Task Submit_TaskThatFails_SaysWhichTaskAndWhy()
    {
        var ended = await Submit("failing");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("[breaks] something is wrong", ended.Output);
        Assert.DoesNotContain("[never] never", ended.Output);
        Assert.EndsWith("Workflow Status    - FAILED", ended.Output);
        Assert.Contains("Task breaks is FAILED, exit code 3.", ended.Errors);
        Assert.Contains("Exit code 3 due to Task breaks failure", ended.Errors);
        Assert.Contains("Task never is FAILED_UPSTREAM", ended.Errors);
    }

    [Fact]
    public async Task Submit_TaskThatRunsTooLong_SaysWhichTaskAndWhy()
    {
        var ended = await Submit("timeout");

        Assert.Equal(1, ended.ExitCode);
        Assert.EndsWith("Workflow Status    - FAILED_EXEC_TIMEOUT", ended.Output);
        Assert.Equal("Task endless is FAILED_EXEC_TIMEOUT. Task ran longer than the set limit of 2 seconds.", ended.Errors);
        await _data.Quiet();
    }

    [Fact]
    public async Task Submit_CommandThatDoesNotExist_EndsWith127AndSaysSo()
    {
        var file = Path.Combine(Directory.CreateDirectory(_data.Path).FullName, "spec.yaml");
        await File.WriteAllTextAsync(file, "workflow: {name: w, tasks: [{name: main, image: u, command: [no-such-program]}]}");

        var ended = await StandaloneProcess.Run(["submit", file, .. _data.Arguments]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("no-such-program", ended.Output);
        Assert.Contains("Task main is FAILED, exit code 127.", ended.Errors);
    }

    public void Dispose() => _data.Dispose();

    private async Task<Ended> Submit(string example)
    {
        var total = Stopwatch.StartNew();
        await using var process = StandaloneProcess.Start(["submit", Installation.Example(example), .. _data.Arguments]);
        await process.Line(line => line.StartsWith("Workflow Status", StringComparison.Ordinal));
        var result = total.Elapsed;
        var ended = await process.End();
        output.WriteLine($"{example}: result after {result.TotalSeconds:F2} s, exit after {total.Elapsed.TotalSeconds:F2} s");
        Assert.True(total.Elapsed - result < StopSoon, $"It took {total.Elapsed - result} from the result to the exit.");
        return ended;
    }
}
