using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Specification;

namespace Osmo.Gateway.Tests.Logs;

public sealed class LogStreamTests : IAsyncLifetime
{
    private const string Id = "hello-osmo-1";

    private readonly JsonNode _answer = GoldenExchange.Single("workflow-query-completed").Body!.DeepClone();
    private TestGateway _gateway = null!;

    private string Uuid => (string)_answer["uuid"]!;

    private FakeLog Log => _gateway.Log(Uuid);

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start(("Osmo:Gateway:BaseUrl", GoldenExchange.BaseUrl));
        (_answer["status"], _answer["end_time"]) = ("RUNNING", null);
        await GoldenWorkflow.Store(_gateway, _answer);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Logs_OfALivingWorkflow_AreSentAtOnceAndFollowed()
    {
        await Append("first\n");
        using var response = await Open("logs");
        Assert.Equal("text/plain; charset=us-ascii", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.TransferEncodingChunked);

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("first", await reader.ReadLineAsync().Soon());
        await Append("second\nthird ü\n");
        Assert.Equal("second", await reader.ReadLineAsync().Soon());
        Assert.Equal("third ü", await reader.ReadLineAsync().Soon());
        await Log.End();
        Assert.Null(await reader.ReadLineAsync().Soon());
    }

    [Fact]
    public async Task Logs_LastLines_AreTakenBeforeTheFilter_AndThenAllThatMatch()
    {
        await Append("a1\na2\nb3\na4\nb5\n");
        using var response = await Open("logs?last_n_lines=3&query=^a");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("a4", await reader.ReadLineAsync().Soon());
        await Append("b6\na7\n");
        Assert.Equal("a7", await reader.ReadLineAsync().Soon());
        await Log.End();
        Assert.Null(await reader.ReadLineAsync().Soon());
    }

    [Fact]
    public async Task Logs_QuietWorkflow_StaysOpenUntilTheClientLeaves()
    {
        using var response = await Open("logs");
        await using var body = await response.Content.ReadAsStreamAsync();
        var reading = body.ReadAsync(new byte[10]).AsTask();
        Assert.False(reading.IsCompleted);
        await Append("now\n");
        Assert.Equal(4, await reading.Soon());
    }

    [Fact]
    public async Task Logs_OfOneTask_AreItsOwnChunks()
    {
        await Append("of hello\n");
        await Log.Append(new LogAppend(LogStream.Logs, "other", 0, null, 1, Encoding.UTF8.GetBytes("of other\n")));
        await Log.Append(new LogAppend(LogStream.Logs, "hello", 1, null, 1, Encoding.UTF8.GetBytes("of the retry\n")));
        await Log.End();
        Assert.Equal("of hello\n", await Read("logs?task_name=hello&retry_id=0"));
        Assert.Equal("of hello\nof other\nof the retry\n", await Read("logs"));
    }

    [Fact]
    public async Task Logs_WhenTheRowsGo_AreContinuedFromTheArchive()
    {
        await Append("one\ntwo\n");
        using var response = await Open("logs");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("one", await reader.ReadLineAsync().Soon());
        Assert.Equal("two", await reader.ReadLineAsync().Soon());

        await Archive("workflow_logs.txt", "one\ntwo\nthree\rwith progress\nthe end\n");
        await _gateway.Store.Commit([new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))]);
        await Log.End();
        Assert.Equal("three\rwith progress\nthe end\n", await reader.ReadToEndAsync().Soon());
    }

    [Fact]
    public async Task Logs_WhoseOldestRowsWentBeforeTheArchive_AreContinuedBehindWhatIsInIt()
    {
        await Append("one\n");
        await Append("two\n");
        using var response = await Open("logs");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("one", await reader.ReadLineAsync().Soon());
        Assert.Equal("two", await reader.ReadLineAsync().Soon());

        await Archive("workflow_logs.txt", "two\nthree\nfour\n");
        await _gateway.Store.Commit([new RowWrite.DeletePartition(new RowKey(RowKind.LogChunk, Uuid))]);
        Log.First = 2;
        await Log.End();
        Assert.Equal("three\nfour\n", await reader.ReadToEndAsync().Soon());
    }

    [Fact]
    public async Task Logs_ThatCameAfterTheArchive_StandBehindIt()
    {
        await End();
        await Archive("workflow_logs.txt", "one\n");
        var late = new LogChunk("logs", "hello", 0, null, 1, "late\n");
        await _gateway.Put(new RowKey(RowKind.LogChunk, LogChunk.LatePartition(Uuid), LogChunk.RowId(1)), late, DocumentJson.Default.LogChunk);
        Assert.Equal("one\nlate\n", await Read("logs"));
        Assert.Equal("late\n", await Read("logs?task_name=hello&retry_id=0"));
        Assert.Equal("", await Read("events"));
    }

    [Fact]
    public async Task Logs_OfAWorkflowThatEndedLongAgoAndIsNotArchived_EndWhenNothingMoreComes()
    {
        (_answer["status"], _answer["end_time"]) = ("FAILED_CANCELED", "2026-11-21T20:20:30");
        await GoldenWorkflow.Store(_gateway, _answer, archived: false);
        await Append("last\n");
        Log.AnswersAtOnce = true;
        Assert.Equal("last\n", await Read("logs").Soon());
    }

    [Fact]
    public async Task Logs_OfAnArchivedWorkflow_AreRecordedTailOfItsFile()
    {
        await End();
        var golden = GoldenExchange.Single("workflow-logs-task-n");
        await Archive("task_logs_hello_0.txt", "2026/11/21 20:20:22 [hello][osmo] starting\n" + (string)golden.Body!);
        using var response = await _gateway.Send(golden.Method, golden.Path);
        Assert.Equal(golden.ContentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal((string)golden.Body!, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Events_OfAnArchivedWorkflow_AreItsFile_AndOfATaskItsLines()
    {
        await End();
        var golden = GoldenExchange.Single("workflow-events");
        const string Others = "2026-11-21 20:20:24+00:00 [other] Pulled: image\n2026-11-21 20:20:25+00:00 [hello retry-1] Pulled: image\n";
        await Archive("workflow_events.txt", (string)golden.Body! + Others);
        Assert.StartsWith((string)golden.Body!, await Read("events"));
        Assert.Equal((string)golden.Body!, await Read("events?task_name=hello&retry_id=0"));
    }

    [Fact]
    public async Task ErrorLogs_DoNotWait_AndAreThereBeforeTheEnd()
    {
        Assert.Equal("", await Read("error_logs?task_name=hello"));
        await Log.Append(
            new LogAppend(LogStream.Errors, "hello", 0, null, 1, Encoding.UTF8.GetBytes("Logs for container hello: hello ...\n")));
        Assert.Equal("Logs for container hello: hello ...\n", await Read("error_logs?task_name=hello"));
    }

    [Fact]
    public async Task ErrorLogs_WithoutTask_ListTheAttempts()
    {
        var text = await Read("error_logs");
        Assert.StartsWith("Specify task for error logs.\n\n{", text);
        Assert.Null(JsonNode.Parse(text["Specify task for error logs.\n\n".Length..])!["hello retry-0"]);
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("spec?use_template=true")]
    public async Task Spec_ThatHoldsASecret_IsShownMasked_AndStoredAsItIs(string path)
    {
        const string Text = "workflow:\n  name: hello\n  tasks:\n  - name: hello\n    image: alpine\n    command: [echo]\n"
            + "    credentials:\n      my-credential-name: /mnt/where/it/is\n"
            + "    environment:\n      API_TOKEN: abcdefghij12\n      PLAIN: abcdefghij34\n";
        var spec = Assert.IsType<SpecOutcome.Accepted>(
            _gateway.Services.GetRequiredService<SpecReader>().Read(new SpecSource { Text = Text, WorkflowUuid = Uuid })).Spec;
        var key = new RowKey(RowKind.Spec, Uuid);
        await _gateway.Put(key, new SpecDocument(spec, SpecWriter.ToYaml(spec), Text), DocumentJson.Default.SpecDocument);

        var shown = await Read(path);
        Assert.DoesNotContain("abcdefghij12", shown);
        Assert.Contains("[MASKED]", shown);
        Assert.Contains("my-credential-name: /mnt/where/it/is", shown);
        Assert.Contains("abcdefghij34", shown);
        Assert.Contains("abcdefghij12", Encoding.UTF8.GetString((await _gateway.Store.Read(key))!.Document.Span));
    }

    [Fact]
    public async Task Spec_ThatWasRejected_IsShownMasked()
    {
        await _gateway.Put(
            new RowKey(RowKind.Spec, Uuid),
            new SpecDocument(null, "environment:\n  API_TOKEN: abcdefghij12\n", null),
            DocumentJson.Default.SpecDocument);
        Assert.Equal("environment:\n  API_TOKEN: [MASKED]\n", await Read("spec"));
    }

    [Fact]
    public async Task Logs_OfARejectedSubmission_AreEmpty()
    {
        (_answer["status"], _answer["end_time"]) = ("FAILED_SUBMISSION", "2026-11-21T20:20:21");
        await GoldenWorkflow.Store(_gateway, _answer);
        Assert.Equal("", await Read("logs"));
    }

    [Theory]
    [InlineData("logs?last_n_lines=-1", 400, "Users should specify positive value for flag -n.")]
    [InlineData("logs?query=[", 400, "Invalid regex: [")]
    [InlineData("logs?query=a)(b", 400, "Invalid regex: a)(b")]
    [InlineData("logs?task_name=nosuch", 400, "Task nosuch of workflow hello-osmo-1 is not found.")]
    [InlineData("events?task_name=hello&retry_id=7", 400, "Task hello of workflow hello-osmo-1 is not found.")]
    [InlineData("spec", 404, "Workflow hello-osmo-1 has no specification.")]
    public async Task Request_ForWhatIsNotThere_IsRefused(string path, int expected, string message)
    {
        var (status, body) = await _gateway.Json("GET", $"/api/workflow/{Id}/{path}");
        Assert.Equal((expected, message), (status, (string?)body!["message"]));
    }

    private Task<long> Append(string text) =>
        Log.Append(new LogAppend(LogStream.Logs, "hello", 0, null, text.Count(c => c == '\n'), Encoding.UTF8.GetBytes(text)));

    private async Task End()
    {
        (_answer["status"], _answer["end_time"]) = ("COMPLETED", "2026-11-21T20:20:23.557977");
        await GoldenWorkflow.Store(_gateway, _answer);
    }

    private Task Archive(string file, string text) =>
        _gateway.Objects.Write($"{Id}/{file}", new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private async Task<HttpResponseMessage> Open(string path)
    {
        var response = await _gateway.Send("GET", $"/api/workflow/{Id}/{path}").Soon();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    private async Task<string> Read(string path)
    {
        using var response = await Open(path);
        return await response.Content.ReadAsStringAsync().Soon();
    }
}
