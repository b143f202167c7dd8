using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Tests.Runtimes;

public sealed class RuntimeSocketTests : IAsyncLifetime
{
    private const string Path = "/api/logger/workflow/hello-osmo-1/osmo_ctrl/hello/retry_id/0";

    private TestGateway _gateway = null!;
    private string _uuid = "";

    private FakeLog Log => _gateway.Log(_uuid);

    private FakeWorkflow Workflow => _gateway.Workflow(_uuid);

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start();
        var stored = GoldenExchange.Single("workflow-query-completed").Body!;
        _uuid = (string)stored["uuid"]!;
        await GoldenWorkflow.Store(_gateway, stored);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Runtime_TheServiceStops_IsToldToConnectAgain()
    {
        using var runtime = await Connect();
        _gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal((1001, "The service is stopping."), await runtime.ReceiveClose());
    }

    [Fact]
    public async Task Lines_ThatWereSentBeforeTheStopWasHeard_AreStored()
    {
        var mayStore = new TaskCompletionSource();
        var storing = new TaskCompletionSource();
        Log.OnAppend = _ =>
        {
            storing.TrySetResult();
            return mayStore.Task;
        };
        using var runtime = await Connect();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "being stored"));
        await storing.Task.Soon();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "received"));
        _gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "on its way"));
        mayStore.SetResult();
        Assert.Equal((1001, "The service is stopping."), await runtime.ReceiveClose());
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "before the answer"));
        await runtime.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
        await LogHolds("before the answer\n");
        Assert.Equal(
            ["being stored", "received", "on its way", "before the answer"],
            Log.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("] ")[1]));
    }

    [Fact]
    public async Task Lines_ThatWereReceivedBeforeTheConnectionBroke_AreStored()
    {
        var mayStore = new TaskCompletionSource();
        var storing = new TaskCompletionSource();
        Log.OnAppend = _ =>
        {
            storing.TrySetResult();
            return mayStore.Task;
        };
        using (var runtime = await Connect())
        {
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "being stored"));
            await storing.Task.Soon();
            await runtime.SendText(Line("LOG_DONE", "2026-08-01T10:00:00Z", ""));
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "received"));
            runtime.Abort();
        }

        mayStore.SetResult();
        await LogHolds("received\n");
    }

    [Fact]
    public async Task Lines_AreRendered_AndLogDoneIsAnsweredWhenTheyAreDurable()
    {
        var storing = new TaskCompletionSource();
        var mayStore = new TaskCompletionSource();
        Log.OnAppend = _ =>
        {
            storing.TrySetResult();
            return mayStore.Task;
        };
        using var runtime = await Connect();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00.123456789Z", "hi <there>"));
        await runtime.SendText(Line("OSMO_CTRL", "2026-08-01T10:00:03Z", "All Inputs Gathered"));
        await runtime.SendText(Line("OSMO_CTRL", "2026-08-01T10:00:03Z", ""));
        await runtime.SendText(
            Wrap(new JsonObject { ["Source"] = "hello", ["Time"] = "2026-08-01T10:00:04Z", ["Text"] = "", ["IOType"] = "LOG_DONE" }));
        await storing.Task.Soon();
        var answer = runtime.Receive();
        Assert.False(answer.IsCompleted);
        mayStore.SetResult();

        var (type, bytes) = await answer.Soon();
        Assert.Equal(WebSocketMessageType.Text, type);
        Assert.Equal("""{"action":"log_done"}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal("2026/08/01 10:00:00 [hello] hi <there>\n2026/08/01 10:00:03 [hello][osmo] All Inputs Gathered\n", Log.Text);
    }

    [Fact]
    public async Task Lines_OfARetry_SayWhichAndAreMasked()
    {
        Workflow.OnAttach = (_, _) => new("hello-osmo-1", false, false, ["s3cr3t-value", "short"]);
        using var runtime = await Connect(path: Path[..^1] + "2");
        await runtime.SendText(Line("STDERR", "2026-08-01T10:00:00Z", "key=s3cr3t-value short"));
        await LogDone(runtime);
        Assert.Equal("2026/08/01 10:00:00 [hello retry-2] key=[MASKED] short\n", Log.Text);
    }

    [Fact]
    public async Task Lines_WithNumbers_AreAcknowledgedOnceDurable_FromTheResumedNumberOn()
    {
        using var runtime = await Connect(("x-osmo-line-acks", "1"), ("x-osmo-resume", "40"));
        Assert.Equal("1", Assert.Single(runtime.HttpResponseHeaders!["x-osmo-line-acks"]));
        var lines = string.Concat(
            Enumerable.Range(0, 3).Select(n => Message("STDOUT", "2026-08-01T10:00:00Z", $"line {n}").ToJsonString() + "\n"));
        await runtime.SendText(JsonSerializer.Serialize(lines));
        for (long acknowledged = 0; acknowledged < 3;)
        {
            var ack = await runtime.ReceiveJson(WebSocketMessageType.Binary);
            Assert.Equal("log_ack", (string?)ack["action"]);
            Assert.True((long)ack["count"]! > acknowledged);
            acknowledged = (long)ack["count"]!;
        }

        Assert.Equal(40, Log.Appended.First().FirstLine);
        Assert.Equal(3, Log.Appended.Sum(append => append.LineCount));
    }

    [Fact]
    public async Task Lines_ThatAreNotOneRow_TravelAlone()
    {
        var mayStore = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        Log.OnAppend = _ =>
        {
            first.TrySetResult();
            return mayStore.Task;
        };
        using var runtime = await Connect(("x-osmo-line-acks", "1"), ("x-osmo-resume", "0"));
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "a"));
        await first.Task.Soon();
        foreach (var text in (string[])["b", "c", "tree\n  leaf", "d"])
        {
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", text));
        }

        await runtime.SendText(Line("OSMO_CTRL", "2026-08-01T10:00:00Z", ""));
        mayStore.SetResult();
        await LogDone(runtime, WebSocketMessageType.Text);
        foreach (var append in Log.Appended)
        {
            var rows = Encoding.UTF8.GetString(append.Text.Span).Count(c => c == '\n');
            Assert.True(rows == append.LineCount || append.LineCount == 1, $"{append.LineCount} lines in {rows} rows");
        }

        Assert.Equal(6, Log.Appended.Sum(append => append.LineCount));
        Assert.Equal(Enumerable.Range(0, Log.Appended.Count).Select(
            n => (long?)Log.Appended.Take(n).Sum(append => append.LineCount)), Log.Appended.Select(append => append.FirstLine));
    }

    [Fact]
    public async Task Lines_WhileTheStoreIsBusy_AreStoredTogether()
    {
        var mayStore = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        Log.OnAppend = _ =>
        {
            first.TrySetResult();
            return mayStore.Task;
        };
        using var runtime = await Connect();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "0"));
        await first.Task.Soon();
        for (var n = 1; n <= 100; n++)
        {
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", $"{n}"));
        }

        // Messages are read in order, so those before this one have been read.
        var read = _gateway.Logged.Said("sent a message that was dropped");
        await runtime.SendText("\"{\\\"IOType\\\":\\\"NOISE\\\"}\"");
        await read;
        mayStore.SetResult();
        await LogDone(runtime);
        Assert.Equal(101, Log.Appended.Sum(append => append.LineCount));
        Assert.Equal(2, Log.Appended.Count);
    }

    [Fact]
    public async Task Append_ThatFailsForAMoment_IsTriedAgain()
    {
        var failures = 2;
        Log.OnAppend = _ => failures-- > 0 ? throw new TimeoutException("No answer.") : Task.CompletedTask;
        using var runtime = await Connect();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "kept"));
        await LogDone(runtime);
        Assert.EndsWith("kept\n", Log.Text);
    }

    [Fact]
    public async Task Lines_WithoutNumbers_AreCountedByTheirConnection()
    {
        foreach (var text in (string[])["over the first", "over the second"])
        {
            using var runtime = await Connect();
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", text));
            await LogDone(runtime);
            await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", text));
            await LogDone(runtime);
        }

        var places = Log.Appended.Select(append => append.Connection!).ToArray();
        Assert.All(Log.Appended, append => Assert.Null(append.FirstLine));
        Assert.Equal(2, places.Select(place => place.Name).Distinct().Count());
        foreach (var connection in Log.Appended.GroupBy(append => append.Connection!.Name))
        {
            Assert.Equal(
                Enumerable.Range(0, connection.Count()).Select(n => (long)connection.Take(n).Sum(append => append.LineCount)),
                connection.Select(append => append.Connection!.FirstLine));
        }
    }

    [Fact]
    public async Task Append_TriedAgain_SaysThatItIsTheSame()
    {
        var tries = new List<ConnectionPlace?>();
        Log.OnAppend = append =>
        {
            tries.Add(append.Connection);
            return tries.Count == 1 ? throw new TimeoutException("It may have been made.") : Task.CompletedTask;
        };
        using var runtime = await Connect();
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "once"));
        await LogDone(runtime);
        Assert.Equal(2, tries.Count);
        Assert.NotNull(tries[0]);
        Assert.Equal(tries[0], tries[1]);
    }

    [Fact]
    public async Task Barrier_IsReleasedInABinaryFrame_WhenTheGroupIsComplete()
    {
        Workflow.OnBarrier = (task, retryId) => (task, retryId) == ("hello", 0);
        using var runtime = await Connect();
        await runtime.SendText(Wrap(new JsonObject { ["Name"] = "osmo-group-ready", ["Count"] = -1, ["IOType"] = "BARRIER" }));
        Assert.Equal("barrier", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["action"]);
    }

    [Fact]
    public async Task Attach_WhenTheBarrierIsOpenAlready_SaysSo()
    {
        Workflow.OnAttach = (_, _) => new("hello-osmo-1", false, BarrierReleased: true, []);
        using var runtime = await Connect();
        Assert.Equal("barrier", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["action"]);
    }

    [Fact]
    public async Task Actions_OfTheMailbox_AreForwardedInBinaryFrames()
    {
        using var runtime = await Connect();
        await _gateway.Grain<ITaskGrain, FakeTask>($"{_uuid}/hello").Push(new TaskAction(0, """{"action":"restart"}"""));
        Assert.Equal("restart", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["action"]);
    }

    [Fact]
    public async Task Connections_EachAttachToTheMailbox_AndDetach()
    {
        var task = _gateway.Grain<ITaskGrain, FakeTask>($"{_uuid}/hello");
        for (var number = 1L; number <= 2; number++)
        {
            using (var runtime = await Connect())
            {
                await task.Push(new TaskAction(0, """{"action":"restart"}"""));
                Assert.Equal("restart", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["action"]);
            }

            Assert.Equal(number, await task.Detached.Reader.ReadAsync().AsTask().Soon());
        }
    }

    [Fact]
    public async Task Restart_DueAtTheAttachmentAndInTheMailbox_IsSentOnceAndConfirmed()
    {
        var restart = new TaskAction(0, """{"action":"restart","key":"restart-1"}""") { Restart = 1 };
        Workflow.OnAttach = (_, _) => new("hello-osmo-1", false, false, []) { Restart = restart };
        using var runtime = await Connect();
        var task = _gateway.Grain<ITaskGrain, FakeTask>($"{_uuid}/hello");
        await task.Push(restart);
        await task.Push(restart with { Document = """{"action":"restart","key":"restart-2"}""", Restart = 2 });

        Assert.Equal("restart-1", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["key"]);
        Assert.Equal("restart-2", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["key"]);
        await runtime.SendText(Line("STDOUT", "2026-08-01T10:00:00Z", "x"));
        await LogDone(runtime);
        Assert.Equal(("hello", 0, 1), Workflow.ConfirmedRestarts.First());
    }

    [Fact]
    public async Task Mailbox_ThatFails_IsMadeUpForByTheWorkflow()
    {
        var attached = 0;
        Workflow.OnAttach = (_, _) => new("hello-osmo-1", false, false, [])
        {
            Restart = ++attached == 1 ? null : new TaskAction(0, """{"action":"restart","key":"restart-1"}""") { Restart = 1 },
        };
        _gateway.Grain<ITaskGrain, FakeTask>($"{_uuid}/hello").Fail(new TimeoutException("The silo is gone."));
        using var runtime = await Connect();

        Assert.Equal("restart-1", (string?)(await runtime.ReceiveJson(WebSocketMessageType.Binary))["key"]);
    }

    [Fact]
    public async Task Metrics_OfTheGroup_AreRecorded()
    {
        using var runtime = await Connect();
        await runtime.SendText(Wrap(new JsonObject
        {
            ["Source"] = "hello",
            ["Time"] = "2026-08-01T10:00:00Z",
            ["IOType"] = "METRICS",
            ["MetricType"] = "group_metrics",
            ["Metric"] = new JsonObject
            {
                ["retry_id"] = "0",
                ["start_time"] = "2026-08-01 10:00:00.000",
                ["end_time"] = "2026-08-01 10:00:05.120",
                ["type_of_metrics"] = "input_download",
            },
        }));
        await LogDone(runtime);
        var start = new DateTime(2026, 8, 1, 10, 0, 0, DateTimeKind.Utc);
        Assert.Equal(
            new TransferMeasurement("hello", 0, IsUpload: false, start, start.AddSeconds(5.12)), Assert.Single(Workflow.Transfers));
        Assert.Equal("", Log.Text);
    }

    [Fact]
    public async Task Message_ThatCannotBeRead_IsDroppedAndTheConnectionKept()
    {
        using var runtime = await Connect();
        await runtime.SendText("\"{\\\"IOType\\\":\\\"NOISE\\\"}\"");
        await LogDone(runtime);
    }

    [Fact]
    public async Task Connect_ToAnUnknownTask_IsClosedWith4000()
    {
        Workflow.OnAttach = (_, _) => new(null, true, false, []);
        using var runtime = await Connect();
        Assert.Equal((4000, "Task hello of workflow hello-osmo-1 is not found."), await runtime.ReceiveClose());
    }

    [Fact]
    public async Task Connect_ToAnUnknownWorkflow_IsClosedWith4000()
    {
        using var runtime = await Connect(path: "/api/logger/workflow/nosuch-1/osmo_ctrl/hello/retry_id/0");
        Assert.Equal((4000, "Workflow nosuch-1 is not found."), await runtime.ReceiveClose());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("nonsense", HttpStatusCode.Unauthorized)]
    [InlineData("other-1", HttpStatusCode.Forbidden)]
    public async Task Connect_WithoutATokenOfTheWorkflow_IsRefused(string? tokenOf, HttpStatusCode expected)
    {
        var token = tokenOf is null or "nonsense" ? tokenOf : await Token(tokenOf);
        using var response = await Upgrade(token);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task RefreshToken_OfARunningTask_IsATokenForItsWorkflow()
    {
        var secret = new string('x', 43);
        Workflow.OnCheckRefreshToken = request =>
            request == new RefreshTokenRequest("hello-group", "hello", 0, secret) ? RefreshTokenCheck.Valid : RefreshTokenCheck.Unknown;
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (status, body) = await Refresh(secret);
        Assert.Equal(200, status);
        Assert.InRange((long)body!["expires_at"]!, before + 299, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300);
        var claims = JsonNode.Parse(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Decode(((string)body["token"]!).Split('.')[1]))!;
        Assert.Equal(("testuser", "hello-osmo-1", "osmo", "osmo"), (
            (string?)claims["unique_name"], (string?)claims["osmo_workflow_id"], (string?)claims["iss"], (string?)claims["aud"]));
        Assert.Equal(["osmo-user", "osmo-ctrl"], claims["roles"]!.AsArray().Select(role => (string)role!));
        using var response = await Upgrade((string)body["token"]!);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
    }

    [Theory]
    [InlineData(RefreshTokenCheck.Unknown, "Workflow hello-osmo-1 with task hello does not exist")]
    [InlineData(RefreshTokenCheck.Mismatch, "Workflow hello-osmo-1 with task hello refresh token is invalid")]
    public async Task RefreshToken_OfNobody_IsRefused(RefreshTokenCheck check, string message)
    {
        Workflow.OnCheckRefreshToken = _ => check;
        var (status, body) = await Refresh(new string('x', 43));
        Assert.Equal((400, message), (status, (string?)body!["message"]));
        (status, body) = await Refresh("short");
        Assert.Equal((400, "Refresh Token has invalid length 5"), (status, (string?)body!["message"]));
    }

    [Fact]
    public async Task RefreshToken_OfAFinishedTask_SaysSoWhereRuntimesLook()
    {
        Workflow.OnCheckRefreshToken = _ => RefreshTokenCheck.Finished;
        var (status, body) = await Refresh(new string('x', 43));
        Assert.Equal(400, status);
        Assert.Equal(("FINISHED", "FINISHED"), ((string?)body!["error"], (string?)body["detail"]!["error"]));
    }

    private Task<(int Status, JsonNode? Body)> Refresh(string token) => _gateway.Json(
        "POST",
        "/api/auth/jwt/refresh_token?group_name=hello-group&retry_id=0&task_name=hello&workflow_id=hello-osmo-1",
        new JsonObject { ["token"] = token });

    private async Task<string> Token(string workflowId) =>
        (await _gateway.Services.GetRequiredService<TaskTokens>().Issue(
            new AuthenticationConfig(), "testuser", workflowId, CancellationToken.None)).Token;

    private Task<ClientWebSocket> Connect(params (string Name, string Value)[] headers) => Connect(Path, headers);

    private async Task<ClientWebSocket> Connect(string path, params (string Name, string Value)[] headers)
    {
        var workflowId = path.Split('/')[4];
        return await _gateway.Connect(path, [("Authorization", $"Bearer {await Token(workflowId)}"), .. headers]);
    }

    /// <summary>The answer to the handshake.</summary>
    private async Task<HttpResponseMessage> Upgrade(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        return await _gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Soon();
    }

    /// <summary>Asks whether everything is durable, and waits for the answer.</summary>
    private static async Task LogDone(ClientWebSocket runtime, WebSocketMessageType until = WebSocketMessageType.Text)
    {
        await runtime.SendText(Line("LOG_DONE", "2026-08-01T10:00:09Z", ""));
        while ((await runtime.Receive()).Type != until)
        {
        }
    }

    private async Task LogHolds(string text)
    {
        for (var seen = 0L; !Log.Text.Contains(text, StringComparison.Ordinal);)
        {
            seen = (await Log.WaitBeyond(seen, CancellationToken.None).Soon()).Sequence;
        }
    }

    private static string Line(string type, string time, string text) => Wrap(Message(type, time, text));

    private static JsonObject Message(string type, string time, string text) =>
        new() { ["Source"] = "hello", ["Time"] = time, ["Text"] = text, ["IOType"] = type };

    /// <summary>Frames are doubly encoded (contract: runtime-protocol §7.2).</summary>
    private static string Wrap(JsonObject message) => JsonSerializer.Serialize(message.ToJsonString() + "\n");
}
