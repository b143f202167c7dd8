using Microsoft.AspNetCore.Http;
using Osmo.Cli.Client;

namespace Osmo.Cli.Tests.Commands;

public sealed class FollowTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("logs", "Log")]
    [InlineData("events", "Event")]
    public async Task Follow_StreamBreaksOff_SaysSoAndSucceeds(string command, string stream)
    {
        await using var service = await ScriptedService.Start(BreakOff);

        var run = await CliRun.At(service.Url, "workflow", command, "a-1");

        Assert.Equal(
            $"""
            Workflow a-1 has {command}:
            first

            {stream} stream has timed out or failed. Please run the command again to continue viewing {command}.

            """,
            run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Spec_StreamBreaksOff_IsAServerError()
    {
        await using var service = await ScriptedService.Start(BreakOff);

        Assert.Equal(ExitCodes.ServerError, (await CliRun.At(service.Url, "workflow", "spec", "a-1")).ExitCode);
    }

    [Fact]
    public async Task Logs_CarriageReturnsAndNoLastNewline_ArePrintedAsTheyAre()
    {
        await using var service = await ScriptedService.Start(200, "10%\r20%\r\nend", "text/plain");

        Assert.Equal("Workflow a-1 has logs:\n10%\r20%\r\nend\n", (await CliRun.At(service.Url, "workflow", "logs", "a-1")).Output);
    }

    [Fact]
    public async Task Logs_FirstAttempt_CanBeAskedFor()
    {
        await using var service = await ScriptedService.Start(200, "", "text/plain");

        await CliRun.At(service.Url, "workflow", "logs", "a-1", "-t", "fit", "-r", "0", "-n5");

        Assert.Equal(["GET /api/workflow/a-1/logs?last_n_lines=5&task_name=fit&retry_id=0"], service.Requests);
    }

    [Theory]
    [InlineData("workflow logs a-1 --error", "Specify task for retry ID or error logs.")]
    [InlineData("workflow logs a-1 -r 1", "Specify task for retry ID or error logs.")]
    [InlineData("workflow events a-1 -r 1", "Specify task for retry ID.")]
    public async Task Follow_WithoutTheTaskItNeeds_IsRefused(string words, string message)
    {
        var run = await CliRun.At(new Uri("http://127.0.0.1:1"), [.. words.Split(' ')]);

        Assert.Equal((2, $"Error message: {message}\nError code: 1\n"), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Logs_Interrupted_ExitsQuietly()
    {
        using var interruption = new CancellationTokenSource();
        await using var service = await ScriptedService.Start(async context =>
        {
            await context.Response.WriteAsync("first\n");
            await context.Response.Body.FlushAsync();
            await interruption.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        _home.Write("login.yaml", CliRun.LoginAt(service.Url));

        var run = await CliRun.Of(_home, ["workflow", "logs", "a-1"], cancellation: interruption.Token);

        Assert.Equal((ExitCodes.Interrupted, ""), (run.ExitCode, run.Error));
    }

    /// <summary>Promises more than it sends.</summary>
    private static Task BreakOff(HttpContext context)
    {
        context.Response.ContentLength = 100;
        return context.Response.WriteAsync("first\n");
    }
}
