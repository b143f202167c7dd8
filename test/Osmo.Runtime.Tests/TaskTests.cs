using System.Net.Sockets;
using System.Text;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Tests;

/// <summary>ctrl and user together against a scripted control plane.</summary>
public sealed class TaskTests : IDisposable
{
    private readonly TaskPod _pod = new();

    public void Dispose() => _pod.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_Success_LogsAndMetricsInOrder(bool acknowledges)
    {
        await using var logger = await ScriptedLogger.Start(new LoggerScript { Acknowledges = acknowledges });

        var codes = await _pod.RunTask(logger.Port, ["/bin/sh", "-c", "echo hello; echo oops >&2"]);

        Assert.Equal((0, 0), codes);
        Assert.Equal("""{"code":0}""", _pod.TerminationMessage);
        Assert.Contains(logger.Lines, line => line is { Stream: LogStream.Stdout, Source: "task1", Text: "hello" });
        Assert.Contains(logger.Lines, line => line is { Stream: LogStream.Stderr, Text: "oops" });
        Assert.Equal(
            ["Websocket Connection: 0", "Downloading Start", "All Inputs Gathered", "Upload Start", "No Files in Output Folder", "All Outputs Uploaded"],
            logger.Lines.Where(line => line.Stream is not (LogStream.Stdout or LogStream.Stderr)).Select(line => line.Text));
        Assert.Equal(
            [GroupMetric.InputDownload, GroupMetric.OutputUpload], logger.Messages.OfType<CtrlMessage.GroupMetrics>().Select(metric => metric.Metric));
        Assert.IsType<CtrlMessage.LogDone>(logger.Messages[^1]);
        Assert.Equal([("Bearer jwt", "0")], logger.Dials);
        Assert.Equal(["""{"token":"0123456789012345678901234567890123456789abc"}"""], logger.RefreshBodies);
    }

    [Theory]
    [InlineData("exit 3", 3, "Command failed with error: exit status 3")]
    [InlineData("kill -9 $$", 255, "Command failed with error: signal: killed")]
    [InlineData("kill -15 $$", 255, "Command failed with error: signal: terminated")]
    public async Task Run_CommandFails_UserHasTheCodeAndCtrlSucceeds(string script, int code, string text)
    {
        await using var logger = await ScriptedLogger.Start();

        var codes = await _pod.RunTask(logger.Port, ["/bin/sh", "-c", script]);

        Assert.Equal((0, code), codes);
        Assert.Contains(logger.Lines, line => line.Stream == LogStream.Stderr && line.Text == text);
        Assert.Contains(logger.Lines, line => line.Text == "All Outputs Uploaded");
    }

    [Theory]
    [InlineData("no-such-program", 127, "exec: \"no-such-program\": executable file not found in $PATH")]
    [InlineData("/no/such/program", 127, "fork/exec /no/such/program: no such file or directory")]
    [InlineData("/etc/passwd", 126, "fork/exec /etc/passwd: permission denied")]
    public async Task Run_NoSuchCommand_NamesIt(string command, int code, string text)
    {
        await using var logger = await ScriptedLogger.Start();

        var codes = await _pod.RunTask(logger.Port, [command, "argument"]);

        Assert.Equal((0, code), codes);
        Assert.Contains(logger.Lines, line => line.Stream == LogStream.Stderr && line.Text == $"Command failed with error: {text}");
    }

    [Fact]
    public async Task Run_ConnectionCutAgainAndAgain_NoLineLostOrDoubled()
    {
        const int Lines = 20_000;
        await using var logger = await ScriptedLogger.Start(new LoggerScript { CutAfterLines = [1, 500, 5000, 2, 9000] });

        var codes = await _pod.RunTask(logger.Port, ["/bin/sh", "-c", $"i=0; while [ $i -lt {Lines} ]; do echo line-$i; i=$((i+1)); done"]);

        Assert.Equal((0, 0), codes);
        Assert.Equal(Enumerable.Range(0, Lines).Select(index => $"line-{index}"), logger.Lines.Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text));
        Assert.Equal(6, logger.Connections);
    }

    [Fact]
    public async Task Run_PlainServerCutsConnection_OnlyInFlightLinesAreLost()
    {
        await using var logger = await ScriptedLogger.Start(new LoggerScript { Acknowledges = false, CutAfterLines = [5] });
        var go = Path.Combine(_pod.Root, "go");

        var running = _pod.RunTask(logger.Port, ["/bin/sh", "-c", $"seq 1 10; until [ -e {go} ]; do sleep 0.05; done; seq 11 100"]);
        await logger.Until(_ => logger.Connections == 2);
        await File.WriteAllTextAsync(go, "");

        Assert.Equal((0, 0), await running);
        var numbers = logger.Lines.Where(line => line.Stream == LogStream.Stdout).Select(line => int.Parse(line.Text)).ToArray();
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.Equal(Enumerable.Range(11, 90), numbers.Where(number => number > 10));
    }

    [Fact]
    public async Task Run_BufferFull_CommandWaitsAndNothingIsDropped()
    {
        const int Lines = 5000;
        await using var logger = await ScriptedLogger.Start(new LoggerScript { Acknowledges = false });

        var codes = await _pod.RunTask(logger.Port, ["/bin/sh", "-c", $"seq 1 {Lines}"], "-logsBufferSize", "3");

        Assert.Equal((0, 0), codes);
        Assert.Equal(Enumerable.Range(1, Lines).Select(number => $"{number}"), logger.Lines.Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text));
    }

    [Fact]
    public async Task Run_SocketPathLongerThanTheKernelTakes_Works()
    {
        await using var logger = await ScriptedLogger.Start();
        var directory = Directory.CreateDirectory(Path.Combine(_pod.Root, new string('d', 120)));
        _pod.SocketPath = Path.Combine(directory.FullName, "data.sock");

        Assert.Equal((0, 0), await _pod.RunTask(logger.Port, ["/bin/true"]));
        Assert.True(File.Exists(_pod.SocketPath));
    }

    [Fact]
    public async Task Run_Barrier_CommandStartsAfterRelease()
    {
        await using var logger = await ScriptedLogger.Start();
        var ctrl = _pod.Ctrl(logger.Port, default, "-barrier", LoggerProtocol.GroupReadyBarrier);
        var user = _pod.User(default, "/bin/echo", "started");

        await logger.Until(messages => messages.Contains(new CtrlMessage.Barrier(LoggerProtocol.GroupReadyBarrier, -1)));
        Assert.DoesNotContain(logger.Lines, line => line.Text == "started");
        await logger.Send(new RuntimeAction.Restart());
        await logger.UntilText("Skip restart action");
        await logger.Until(messages => BarrierRequests(messages) == 2);
        await logger.Send(new RuntimeAction.Barrier());

        Assert.Equal((0, 0), (await ctrl.WaitAsync(TaskPod.Limit), await user.WaitAsync(TaskPod.Limit)));
        Assert.Equal(["Waiting for group ready ...", "Group ready", "started"], logger.Lines.Select(line => line.Text).Where(text => text.Contains("roup ready") || text == "started"));
    }

    [Fact]
    public async Task Run_RestartRightAfterTheBarrierOpened_ComesToTheBarrierAgain()
    {
        await using var logger = await ScriptedLogger.Start();
        var go = Path.Combine(_pod.Root, "go");
        var ctrl = _pod.Ctrl(logger.Port, default, "-barrier", LoggerProtocol.GroupReadyBarrier);
        var user = _pod.User(default, "/bin/sh", "-c", $"until [ -e {go} ]; do sleep 0.05; done");

        await logger.Until(messages => BarrierRequests(messages) == 1);
        await logger.Send(new RuntimeAction.Barrier());
        await logger.Send(new RuntimeAction.Restart("restart-1"));
        await logger.Until(messages => BarrierRequests(messages) == 2);
        await logger.Send(new RuntimeAction.Restart("restart-2"));
        await logger.Send(new RuntimeAction.Barrier());
        await logger.Send(new RuntimeAction.Restart("restart-3"));
        await logger.Until(messages => BarrierRequests(messages) >= 3 && messages.OfType<CtrlMessage.Line>().Count(line => line.Text.StartsWith("Waiting for group", StringComparison.Ordinal)) >= 3);
        await logger.Send(new RuntimeAction.Barrier());
        await File.WriteAllTextAsync(go, "");

        Assert.Equal((0, 0), (await ctrl.WaitAsync(TaskPod.Limit), await user.WaitAsync(TaskPod.Limit)));
    }

    [Fact]
    public async Task Run_Restart_CommandRunsAgainInTheSamePod()
    {
        await using var logger = await ScriptedLogger.Start();
        var marker = Path.Combine(_pod.Root, "marker");
        var ctrl = _pod.Ctrl(logger.Port);
        var user = _pod.User(default, "/bin/sh", "-c", $"if [ -e {marker} ]; then echo second; else touch {marker}; echo first; sleep 1000; fi");

        await logger.UntilText("first");
        await logger.Send(new RuntimeAction.Restart());

        Assert.Equal((0, 0), (await ctrl.WaitAsync(TaskPod.Limit), await user.WaitAsync(TaskPod.Limit)));
        Assert.Equal(["first", "second"], logger.Lines.Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text));
    }

    [Fact]
    public async Task Run_RestartThatComesTwice_RestartsOnce()
    {
        await using var logger = await ScriptedLogger.Start();
        var marker = Path.Combine(_pod.Root, "marker");
        var go = Path.Combine(_pod.Root, "go");
        var ctrl = _pod.Ctrl(logger.Port);
        var user = _pod.User(
            default, "/bin/sh", "-c", $"echo run >> {marker}; echo run; if [ $(wc -l < {marker}) = 1 ]; then sleep 1000; fi; until [ -e {go} ]; do sleep 0.05; done");

        await logger.UntilText("run");
        await logger.Send(new RuntimeAction.Restart("restart-1"));
        await logger.Until(messages => messages.OfType<CtrlMessage.Line>().Count(line => line.Text == "run") == 2);
        await logger.Send(new RuntimeAction.Restart("restart-1"));
        await logger.Send(new RuntimeAction.Barrier());
        await File.WriteAllTextAsync(go, "");

        Assert.Equal((0, 0), (await ctrl.WaitAsync(TaskPod.Limit), await user.WaitAsync(TaskPod.Limit)));
        Assert.Equal(2, (await File.ReadAllLinesAsync(marker)).Length);
    }

    [Fact]
    public async Task User_StopThatComesBeforeTheCommandLives_StopsIt()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_pod.SocketPath));
        listener.Listen();
        var go = Path.Combine(_pod.Root, "go");
        var user = _pod.User(default, "/bin/sh", "-c", $"if [ -e {go} ]; then exit 0; else sleep 1000; fi");
        using var connection = await listener.AcceptAsync().WaitAsync(TaskPod.Limit);

        await connection.SendAsync(Encoding.UTF8.GetBytes($$"""{"Type":"ExecStart","OutputFolder":"{{_pod.Output}}"}{"Type":"UserStop"}"""));
        using var ctrl = new StreamReader(new NetworkStream(connection));
        Assert.Contains("UserStopFinished", await ctrl.ReadLineAsync().WaitAsync(TaskPod.Limit), StringComparison.Ordinal);
        await File.WriteAllTextAsync(go, "");
        await connection.SendAsync("""{"Type":"UserStart"}"""u8.ToArray());

        Assert.Contains("ExecFinished", await ctrl.ReadLineAsync().WaitAsync(TaskPod.Limit), StringComparison.Ordinal);
        Assert.Equal(0, await user.WaitAsync(TaskPod.Limit));
    }

    [Fact]
    public async Task Run_Terminated_CommandGetsSigtermAndItsLastLinesArrive()
    {
        await using var logger = await ScriptedLogger.Start();
        using var terminated = new CancellationTokenSource();
        var ctrl = _pod.Ctrl(logger.Port, terminated.Token);
        var user = _pod.User(terminated.Token, "/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while true; do sleep 0.1; done");

        await logger.UntilText("up");
        await terminated.CancelAsync();

        Assert.Equal((1, 0), (await ctrl.WaitAsync(TaskPod.Limit), await user.WaitAsync(TaskPod.Limit)));
        Assert.Contains(logger.Lines, line => line.Text == "bye");
        Assert.Null(_pod.TerminationMessage);
    }

    [Fact]
    public async Task Run_Outputs_UploadedAlsoWhenTheCommandFails()
    {
        await using var logger = await ScriptedLogger.Start();
        Directory.CreateDirectory(Path.Combine(_pod.Store, "up", "sub"));
        File.WriteAllText(Path.Combine(_pod.Store, "up", "sub", "a.txt"), "A");
        File.WriteAllText(Path.Combine(_pod.Store, "up", "b.log"), "B");

        var codes = await _pod.RunTask(
            logger.Port,
            ["/bin/sh", "-c", $"cp {_pod.Root}/input/0/sub/a.txt {_pod.Output}/copy.txt; mkdir -p {_pod.Output}/m; echo 1 > {_pod.Output}/m/k.json; exit 4"],
            "-inputs", $"task:0,file://{_pod.Store}/up,",
            "-inputs", $"url:1,file://{_pod.Store}/up,(?P<x>b)",
            "-outputs", $"task:file://{_pod.Store}/wf-1/task1",
            "-outputs", $"kpi:file://{_pod.Store}/kpi/m,m/k.json",
            "-outputs", $"kpi:file://{_pod.Store}/kpi,none.json",
            "-outputs", $"url:file://{_pod.Store}/mine,.*\\.t[x,y]t");

        Assert.Equal((0, 4), codes);
        Assert.Equal("A", File.ReadAllText(Path.Combine(_pod.Store, "wf-1/task1/copy.txt")));
        Assert.True(File.Exists(Path.Combine(_pod.Store, "wf-1/task1/m/k.json")));
        Assert.True(File.Exists(Path.Combine(_pod.Store, "kpi/m/k.json")));
        Assert.Equal(["copy.txt"], Directory.GetFileSystemEntries(Path.Combine(_pod.Store, "mine")).Select(Path.GetFileName));
        Assert.Equal(["b.log"], Directory.GetFileSystemEntries(Path.Combine(_pod.Root, "input/1")).Select(Path.GetFileName));
        var url = $"file://{_pod.Store}";
        Assert.Equal(
            [
                "Websocket Connection: 0", "Validating data access permissions...", $"Validating READ access for URI input: {url}/up", $"Data auth validation successful for {url}/up",
                $"Validating WRITE access for URI output: {url}/mine", $"Data auth validation successful for {url}/mine", "All data access validations passed",
                "Downloading Start", "Downloading up", "Downloaded up to {{input:0}}", $"{_pod.Root}/input/0\n├── b.log\n└── sub\n1 directory, 1 file",
                $"Downloading {url}/up", $"Downloaded {url}/up to {{{{input:1}}}}", $"{_pod.Root}/input/1\n└── b.log\n0 directories, 1 file", "All Inputs Gathered",
                "Upload Start", "Uploading task1", "Uploaded task1", "Uploading m", "Uploaded m", "KPI file: none.json does not exist",
                $"Uploading {url}/mine", $"Uploaded {url}/mine", "All Outputs Uploaded",
            ],
            logger.Lines.Where(line => line.Stream is not (LogStream.Stdout or LogStream.Stderr)).Select(line => line.Text));
        Assert.Equal(
            ["INPUT", "INPUT", "OUTPUT", "OUTPUT", "OUTPUT"], logger.Messages.OfType<CtrlMessage.TaskIoMetrics>().Select(metric => metric.Type));
    }

    [Theory]
    [InlineData(14, "-outputs", "url:file:///proc/none,", "was refused")]
    [InlineData(13, "-inputs", "url:0,azure://account/container,", "could not be checked")]
    [InlineData(31, "-inputs", "task:0,ftp://x/y,", "cannot be reached by this runtime")]
    [InlineData(31, "-inputs", "task:0,file:///tmp,(", "Regex '(' is not valid")]
    public async Task Run_DataFails_CodeAndReasonArriveAndTheCommandNeverRuns(int code, string flag, string argument, string reason)
    {
        await using var logger = await ScriptedLogger.Start();

        var codes = await _pod.RunTask(logger.Port, ["/bin/echo", "ran"], flag, argument);

        Assert.Equal((code, 0), codes);
        Assert.StartsWith($$"""{"code":{{code}},""", _pod.TerminationMessage, StringComparison.Ordinal);
        Assert.Contains(logger.Lines, line => line.Stream == LogStream.OsmoCtrl && line.Text.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(logger.Lines, line => line.Text == "ran");
    }

    [Fact]
    public async Task Run_TokenRefusedAtFirst_TriesAgain()
    {
        await using var logger = await ScriptedLogger.Start(new LoggerScript
        {
            Refresh =
            [
                (400, """{"error":"PENDING"}"""), (502, "<html>"), (200, "nonsense"), (400, """{"error":"FINISHED","detail":{"error":"FINISHED"}}"""),
                (200, """{"token":"late","expires_at":4000000000}"""),
            ],
        });

        Assert.Equal((0, 0), await _pod.RunTask(logger.Port, ["/bin/true"]));
        Assert.Equal([("Bearer late", "0")], logger.Dials);
    }

    [Fact]
    public async Task Run_TokenFileMissing_Code20()
    {
        await using var logger = await ScriptedLogger.Start();

        Assert.Equal(20, await _pod.Ctrl(logger.Port, default, "-refreshToken", "/no/such/file").WaitAsync(TaskPod.Limit));
        Assert.StartsWith("""{"code":20,""", _pod.TerminationMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(21, "-timeout", "0")]
    [InlineData(30, "-inputs", "nonsense")]
    [InlineData(30, "-outputs", "kpi:s3://b/p")]
    [InlineData(23, "-socketPath", "/no/such/directory/data.sock")]
    [InlineData(2, "-nonsense", "x")]
    public async Task Ctrl_CannotStart_ContractsCode(int code, string flag, string value)
    {
        // Port 1 refuses connections.
        Assert.Equal(code, await _pod.Ctrl(1, default, flag, value).WaitAsync(TaskPod.Limit));
    }

    private static int BarrierRequests(IReadOnlyList<CtrlMessage> messages) => messages.OfType<CtrlMessage.Barrier>().Count();
}
