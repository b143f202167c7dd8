using System.Globalization;
using System.Runtime.InteropServices;
using Osmo.Protocol.LocalPods;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Tests;

/// <summary>The real executable with real processes.</summary>
public sealed partial class PodSupervisorTests : IDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    private readonly LocalPod _pod = new();

    public void Dispose() => _pod.Dispose();

    [Fact]
    public async Task Pod_Task_Succeeds()
    {
        await using var logger = await ScriptedLogger.Start();
        var store = Path.Combine(_pod.Root, "store");

        var code = await LocalPod.Exit(_pod.Start(_pod.TaskManifest(
            logger.Port, ["/bin/sh", "-c", "echo hello $WHO; echo x > /osmo/data/output/result.txt"], "-outputs", $"task:file://{store}/wf-1/task1")));

        Assert.Equal(0, code);
        var status = _pod.Status;
        Assert.Equal(PodPhase.Succeeded, status.Phase);
        Assert.All(
            status.InitContainers.Concat(status.Containers),
            container => Assert.Equal((ContainerState.Terminated, "Completed", 0), (container.State, container.Reason, container.ExitCode)));
        Assert.Equal("""{"code":0}""", status.Containers[1].Message);
        Assert.Contains(logger.Lines, line => line is { Stream: LogStream.Stdout, Text: "hello task1" });
        Assert.Equal("x\n", File.ReadAllText(Path.Combine(store, "wf-1/task1/result.txt")));
        Assert.Matches(@"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d hello task1\n$", File.ReadAllText(_pod.LogFile("task1")));
    }

    [Theory]
    [InlineData("/bin/sh", "exit 7", 7)]
    [InlineData("no-such-program", "", 127)]
    public async Task Pod_CommandFails_PodFailsWithItsCode(string command, string script, int code)
    {
        await using var logger = await ScriptedLogger.Start();

        Assert.Equal(1, await LocalPod.Exit(_pod.Start(_pod.TaskManifest(logger.Port, [command, "-c", script]))));

        Assert.Equal(PodPhase.Failed, _pod.Status.Phase);
        Assert.Equal(("Error", code), (_pod.Status.Containers[0].Reason, _pod.Status.Containers[0].ExitCode));
        Assert.Equal(0, _pod.Status.Containers[1].ExitCode);
    }

    [Fact]
    public async Task Pod_ChildContainers_RunAsProcesses()
    {
        var manifest = new PodManifest(
            "p",
            "u",
            "default",
            "n",
            [_pod.Container("first", ["/bin/sh"], ["-c", "echo $WHO > /vol/first"], [new MountEntry("/vol", _pod.Root)])],
            [
                _pod.Container("good", ["/bin/sh"], ["-c", "cat /vol/first; printf done > /vol/good.termination"], [new MountEntry("/vol", _pod.Root)]),
                _pod.Container("killed", ["/bin/sh"], ["-c", "kill -9 $$"], []),
                _pod.Container("missing", ["/no/such/program"], [], []),
            ],
            5);

        Assert.Equal(1, await LocalPod.Exit(_pod.Start(manifest)));

        var containers = _pod.Status.Containers;
        Assert.Equal("first\n", File.ReadAllText(_pod.LogFile("good")));
        Assert.Equal((0, "done"), (containers[0].ExitCode, containers[0].Message));
        Assert.Equal((137, 9, "Error"), (containers[1].ExitCode, containers[1].Signal, containers[1].Reason));
        Assert.Equal((127, "StartError"), (containers[2].ExitCode, containers[2].Reason));
    }

    [Fact]
    public async Task Pod_InitFails_ContainersNeverStart()
    {
        var manifest = new PodManifest("p", "u", "default", "n", [_pod.Container("init", ["/bin/false"], [], [])], [_pod.Container("main", ["/bin/true"], [], [])], 5);

        Assert.Equal(1, await LocalPod.Exit(_pod.Start(manifest)));

        Assert.Equal(PodPhase.Failed, _pod.Status.Phase);
        Assert.Equal(ContainerState.Waiting, _pod.Status.Containers[0].State);
    }

    [Theory]
    [InlineData("trap 'exit 0' TERM; ")]
    [InlineData("trap '' TERM; ")]
    public async Task Pod_Sigterm_EverythingEndsAndStatusIsFinal(string trap)
    {
        await using var logger = await ScriptedLogger.Start();
        var supervisor = _pod.Start(_pod.TaskManifest(logger.Port, ["/bin/sh", "-c", $"{trap}sleep 1000 & echo child=$!; echo self=$$; while true; do sleep 0.1; done"]));
        await logger.UntilText("self=");

        Assert.Equal(0, Kill(supervisor.Id, SigTerm));

        Assert.Equal(1, await LocalPod.Exit(supervisor));
        Assert.Equal(PodPhase.Failed, _pod.Status.Phase);
        Assert.Equal(1, _pod.Status.Containers[1].ExitCode);
        await LocalPod.Gone(IdOf(logger, "child="));
        await LocalPod.Gone(IdOf(logger, "self="));
    }

    [Fact]
    public async Task Pod_SupervisorKilled_NothingIsLeftOver()
    {
        await using var logger = await ScriptedLogger.Start();
        var supervisor = _pod.Start(_pod.TaskManifest(logger.Port, ["/bin/sh", "-c", "trap '' HUP TERM; sleep 1000 & echo child=$!; echo self=$$; sleep 1000"]));
        await logger.UntilText("self=");

        Assert.Equal(0, Kill(supervisor.Id, SigKill));

        await LocalPod.Gone(IdOf(logger, "child="));
        await LocalPod.Gone(IdOf(logger, "self="));
        Assert.Equal(PodPhase.Running, _pod.Status.Phase);
    }

    [Fact]
    public async Task Pod_SecondSupervisor_IsRefused()
    {
        var first = _pod.Start(new PodManifest("p", "u", "default", "n", [], [_pod.Container("main", ["/bin/sleep"], ["1000"], [])], 60));
        await _pod.Until(status => status.Containers[0].State == ContainerState.Running);

        var second = _pod.StartSupervisor();
        Assert.Equal(1, await LocalPod.Exit(second));
        Assert.Contains("cannot be run", await second.StandardError.ReadToEndAsync(), StringComparison.Ordinal);

        Assert.Equal(0, Kill(first.Id, SigTerm));
        Assert.Equal(1, await LocalPod.Exit(first));
        Assert.Equal(SigTerm, _pod.Status.Containers[0].Signal);
    }

    [Fact]
    public async Task Pod_NoManifest_SaysSo()
    {
        var process = _pod.StartSupervisor();

        Assert.Equal(1, await LocalPod.Exit(process));
        Assert.Contains(PodManifest.FileName, await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static int IdOf(ScriptedLogger logger, string name) => int.Parse(
        logger.Lines.Single(line => line.Text.StartsWith(name, StringComparison.Ordinal)).Text[name.Length..], CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int id, int signal);
}
