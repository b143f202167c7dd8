using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Tests.Logs;

/// <summary>The log of a workflow from its first line to the archive (contract: lifecycle §17, §18).</summary>
[Collection(GrainTests.Name)]
public sealed class WorkflowLogTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Append_OfNumberedLines_DropsThoseThatAreThere()
    {
        var (uuid, log) = await NewLog();
        Assert.Equal(2, await log.Append(Lines("t", 0, 0, "a", "b")));
        Assert.Equal(2, await log.Append(Lines("t", 0, 0, "a", "b")));
        Assert.Equal(2, await log.Append(Lines("t", 0, 1, "b")));
        Assert.Equal(4, await log.Append(Lines("t", 0, 0, "a", "b", "c", "d")));
        Assert.Equal(7, await log.Append(Lines("t", 0, 6, "g")));
        Assert.Equal(1, await log.Append(Lines("t", 1, 0, "again")));
        await log.Append(Lines("other", 0, null, "x"));

        Assert.Equal("a\nb\nc\nd\ng\nagain\nx\n", await Text(uuid));
        Assert.Equal((7, 1, 0), (await log.DurableLines("t", 0), await log.DurableLines("t", 1), await log.DurableLines("other", 0)));
    }

    [Fact]
    public async Task Append_OfLinesCountedByTheirConnection_DropsThoseThatCameOverIt()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Over("first", 0, "same", "b"));
        await log.Append(Over("first", 0, "same", "b"));
        await log.Append(Over("second", 0, "same"));
        await log.Append(Over("first", 2, "late"));
        await log.Append(Over("first", 2, "late"));
        await log.Append(Over("second", 0, "same"));
        await log.Append(Over("second", 1, "d") with { RetryId = 1 });

        Assert.Equal("same\nb\nsame\nlate\nd\n", await Text(uuid));
        Assert.Equal(0, await log.DurableLines("t", 0));
    }

    [Fact]
    public async Task Append_AfterTheArchive_KnowsTheLinesOfAConnection()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Over("one", 0, "a"));
        await log.Archive(new LogArchive("archived-connection", "", [new("t", 0)], []));
        await log.Append(Over("one", 0, "a", "b"));
        Assert.Equal("b\n", await Text(LogChunk.LatePartition(uuid)));
    }

    [Fact]
    public async Task Append_OfManyAtOnce_GivesEachItsPlace()
    {
        var (uuid, log) = await NewLog();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => log.Append(Lines($"task{number}", 0, 0, $"{number}")))).WaitAsync(World.Patience);
        var chunks = await _world.Queries.LogChunks(uuid, "", 100);
        Assert.Equal(Enumerable.Range(1, 50).Select(number => LogChunk.RowId(number)), chunks.Select(row => row.Key.Id));
    }

    [Fact]
    public async Task Append_OfEvents_DropsLinesThatAreThere()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Event("first"));
        await log.Append(Event("second", "first", "third"));
        await log.Append(Event("third", "first"));
        await log.Append(Lines("t", 0, null, "first"));
        Assert.Equal("first\nsecond\nthird\nfirst\n", await Text(uuid));
    }

    [Fact]
    public async Task WaitBeyond_AnswersAtTheNextLine_AndAtTheEnd()
    {
        var (_, log) = await NewLog();
        await log.Append(Lines("t", 0, 0, "a"));
        Assert.Equal(new LogPosition(1, Ended: false), await log.WaitBeyond(0, default));

        var waiting = World.Ask(cancellation => log.WaitBeyond(1, cancellation), position => position.Sequence > 1);
        await log.Append(Lines("t", 0, 1, "b"));
        Assert.Equal(2, (await waiting.WaitAsync(World.Patience)).Sequence);

        var ending = World.Ask(cancellation => log.WaitBeyond(2, cancellation), position => position.Sequence > 2 || position.Ended);
        await log.Archive(new LogArchive("id-of-wait", "", [], []));
        Assert.True((await ending.WaitAsync(World.Patience)).Ended);
        Assert.True((await log.WaitBeyond(99, default)).Ended);
    }

    [Fact]
    public async Task Archive_Repeated_IsTheChunksInOrder()
    {
        var (_, log) = await NewLog();
        await log.Append(Lines("t", 0, 0, "a"));
        await log.Append(Lines("u", 0, 0, "b"));
        await log.Append(Lines("t", 1, 0, "c"));
        await log.Append(Event("event"));
        await log.Append(new LogAppend(LogStream.Errors, "t", 0, null, 1, "error\n"u8.ToArray()));
        await log.Append(Lines("t", 0, 1, "d"));
        var archive = new LogArchive("archived-1", "the end\n", [new("t", 0), new("t", 1), new("u", 0)], [new("t", 0), new("t", 1)]);

        await log.Archive(archive);
        await log.Archive(archive);

        Assert.Equal(12, await log.Append(Lines("t", 0, 2, "too", "late", "to", "be", "read", "by", "any", "reader", "at", "all")));
        Assert.Equal("a\nb\nc\nd\nthe end\n", await File("archived-1/workflow_logs.txt"));
        Assert.Equal("event\n", await File("archived-1/workflow_events.txt"));
        Assert.Equal("a\nd\n", await File("archived-1/task_logs_t_0.txt"));
        Assert.Equal("c\n", await File("archived-1/task_logs_t_1.txt"));
        Assert.Equal("b\n", await File("archived-1/task_logs_u_0.txt"));
        Assert.Equal("error\n", await File("archived-1/t_error_logs.txt"));
        Assert.Equal("", await File("archived-1/t_1_error_logs.txt"));
    }

    [Fact]
    public async Task Archive_WhileObjectStorageIsDown_SucceedsLaterWithoutDoubling()
    {
        var (_, log) = await NewLog();
        await log.Append(Lines("t", 0, 0, "a"));
        var archive = new LogArchive("archived-2", "the end\n", [new("t", 0)], []);
        _world.Objects.IsDown = true;
        await Assert.ThrowsAnyAsync<Exception>(() => log.Archive(archive));
        _world.Objects.IsDown = false;

        await log.Append(Lines("t", 0, 1, "b"));
        await log.Archive(archive);
        Assert.Equal("a\nthe end\nb\n", await File("archived-2/workflow_logs.txt"));
    }

    [Fact]
    public async Task Append_AfterTheArchive_IsKeptBehindIt()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Lines("t", 0, 0, "a"));
        await log.Archive(new LogArchive("archived-3", "", [new("t", 0)], []));
        Assert.Equal(2, await log.Append(Lines("t", 0, 0, "a", "b")));
        await log.Append(new LogAppend(LogStream.Errors, "t", 0, null, 1, "error\n"u8.ToArray()));

        Assert.Equal("a\n", await File("archived-3/task_logs_t_0.txt"));
        Assert.Equal("b\nerror\n", await Text(LogChunk.LatePartition(uuid)));
        Assert.True((await log.WaitBeyond(0, default)).Ended);
    }

    [Fact]
    public async Task Append_OfEventsAfterTheArchive_DropsWhatWasSaid_WheneverItIsSaidAgain()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Event("2026-11-22 15:10:58+00:00 [t] Scheduled: to n"));
        await log.Archive(new LogArchive("archived-events", "", [], []));
        await log.AppendEvents(
        [
            Event("2026-11-22 15:25:15+00:00 [t] Scheduled: to n"),
            Event("2026-11-22 15:25:15+00:00 [t] Killing: t"),
            Event("2026-11-22 15:25:16+00:00 [t] Killing: t", "2026-11-22 15:25:16+00:00 [u] Killing: t"),
        ]);
        await log.Append(Event("2026-11-22 15:29:14+00:00 [t] Killing: t"));

        Assert.Equal("2026-11-22 15:25:15+00:00 [t] Killing: t\n2026-11-22 15:25:16+00:00 [u] Killing: t\n", await Text(LogChunk.LatePartition(uuid)));
    }

    [Fact]
    public async Task Errors_OfAnotherHandOut_ReplaceThoseOfTheirAttempt()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Errors("t", "first", 0, "old", "older"));
        await log.Append(Errors("u", "first", 0, "kept"));
        await log.Append(Lines("t", 0, 0, "line"));
        Assert.Equal(1, await log.Append(Errors("t", "second", 0, "new")));
        Assert.Equal("kept\nline\nnew\n", await Text(uuid));
        Assert.Equal(1, await log.DurableLines("t", 0));
    }

    [Fact]
    public async Task Errors_OfOneHandOut_AreThereOnce()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Errors("t", "first", 0, "a", "b"));
        await log.Append(Errors("t", "first", 0, "a", "b"));
        Assert.Equal(3, await log.Append(Errors("t", "first", 1, "b", "c")));
        Assert.Equal("a\nb\nc\n", await Text(uuid));
    }

    [Fact]
    public async Task Errors_OfAReplacedHandOut_ThatComeLate_AreDropped()
    {
        var (uuid, log) = await NewLog();
        await log.Append(Errors("t", "first", 0, "a"));
        await log.Append(Errors("t", "second", 0, "a", "b"));
        await log.Append(Errors("t", "first", 1, "b"));
        Assert.Equal("a\nb\n", await Text(uuid));
    }

    [Fact]
    public async Task Errors_OfACleanUpThatIsHandedOutAgain_StayWhenNoPodIsLeft()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("only", "FAILED", exitCode: 3);
        await workflow.Operator().Next("CleanupGroup");
        await workflow.Log.Append(Errors("only", "first", 0, "of the pod"));
        await workflow.Operator().Leave();

        await workflow.Operator("next").Do("CleanupGroup");
        await workflow.Archived();
        Assert.Equal("of the pod\n", await File($"{workflow.Id}/only_error_logs.txt"));
    }

    [Fact]
    public async Task Archive_HoldsTheSpecification_WithoutItsSecrets()
    {
        const string Secret = "hunter2hunter2";
        const string Template =
            $$$"""
            workflow:
              name: {{ title }}
              tasks:
              - {name: only, image: 'ubuntu:24.04', command: ['true'], environment: {API_TOKEN: {{{Secret}}}, MODE: fast}}
            default-values: {title: archived-spec}
            """;
        var workflow = await Submitted.Of(_world, Template);
        await workflow.Log.Archive(new LogArchive(workflow.Id!, "", [], []));

        var spec = await File($"{workflow.Id}/workflow_spec.yaml");
        Assert.Contains("name: archived-spec\n", spec, StringComparison.Ordinal);
        Assert.Contains("API_TOKEN: '[MASKED]'\n", spec, StringComparison.Ordinal);
        Assert.Contains("MODE: fast\n", spec, StringComparison.Ordinal);
        Assert.Equal(Template.Replace(Secret, "[MASKED]", StringComparison.Ordinal), await File($"{workflow.Id}/templated_workflow_spec.yaml"));
    }

    [Fact]
    public async Task Append_BeyondTheCap_DropsTheOldest()
    {
        var (uuid, log) = await NewLog();
        const int Megabytes = 70;
        var line = new string('x', (1 << 20) - 1);
        for (var number = 0; number < Megabytes; number++)
        {
            await log.Append(Lines("t", 0, number, $"{number:D3}{line[3..]}"));
        }

        Assert.Equal(Megabytes, await log.DurableLines("t", 0));
        var first = DocumentRows.Parse<LogChunk>((await _world.Queries.LogChunks(uuid, "", 1))[0]);
        var oldest = int.Parse(first.Text.AsSpan(0, 3), CultureInfo.InvariantCulture);
        Assert.InRange(oldest, Megabytes - 64, Megabytes - 62);
        Assert.Equal(oldest + 1, (await log.WaitBeyond(0, default)).First);
        Assert.Equal(oldest + 1, await log.Archive(new LogArchive("archived-capped", "", [], [])));
    }

    /// <summary>A page of what is stored has 64 chunks.</summary>
    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(129)]
    public async Task Append_ToALogOfAnyNumberOfPages_GoesOnBehindTheLast(int chunks)
    {
        var uuid = Guid.NewGuid().ToString("N");
        var stored = Enumerable.Range(0, chunks).Select(number => new LogChunk("logs", "t", 0, number, 1, $"{number}\n"));
        await _world.Store.Commit([.. stored.Select((chunk, index) =>
            new RowWrite.Insert(new RowKey(RowKind.LogChunk, uuid, LogChunk.RowId(index + 1)), DocumentRows.Write(chunk)))]);

        var log = _world.Grains.GetGrain<IWorkflowLogGrain>(uuid);
        Assert.Equal(chunks + 1, await log.Append(Lines("t", 0, chunks - 1, "known", "news")));
        Assert.Equal(new LogPosition(chunks + 1, Ended: false), await log.WaitBeyond(0, default));
        Assert.EndsWith($"{chunks - 1}\nnews\n", await Text(uuid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.BeforeCommit)]
    [InlineData(Fault.AfterCommit)]
    [InlineData(Fault.Conflict)]
    public async Task Append_WhileStorageFails_LosesAndDoublesNothing(Fault fault)
    {
        var (uuid, log) = await NewLog();
        await log.Append(Lines("t", 0, 0, "a"));
        var reader = World.Ask(cancellation => log.WaitBeyond(1, cancellation), position => position.Sequence > 1);
        _world.Store.Fail(fault, RowKind.LogChunk, uuid);
        await World.Retry(() => log.Append(Lines("t", 0, 1, "b")));
        _world.Store.Fail(fault, RowKind.LogChunk, uuid);
        await World.Retry(() => log.Append(Errors("t", "first", 0, "error")));
        await log.Append(Over("one", 0, "c"));
        _world.Store.Fail(fault, RowKind.LogChunk, uuid);
        await World.Retry(() => log.Append(Over("one", 1, "d")));
        await log.Append(Over("one", 1, "d"));

        Assert.True(_world.Store.IsSpent);
        Assert.True((await reader.WaitAsync(World.Patience)).Sequence >= 2);
        Assert.Equal("a\nb\nerror\nc\nd\n", await Text(uuid));
        Assert.Equal(2, await log.DurableLines("t", 0));
    }

    private async Task<(string Uuid, IWorkflowLogGrain Log)> NewLog()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        return (workflow.Uuid, workflow.Log);
    }

    private static LogAppend Lines(string task, int retry, long? first, params ImmutableArray<string> lines) =>
        new(LogStream.Logs, task, retry, first, lines.Length, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n'))));

    private static LogAppend Over(string connection, long first, params ImmutableArray<string> lines) =>
        Lines("t", 0, null, lines) with { Connection = new ConnectionPlace(connection, first) };

    private static LogAppend Errors(string task, string handOut, long first, params ImmutableArray<string> lines) =>
        Lines(task, 0, first, lines) with { Stream = LogStream.Errors, HandOut = handOut };

    private static LogAppend Event(params ImmutableArray<string> lines) =>
        new(LogStream.Events, "t", 0, null, lines.Length, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n'))));

    private async Task<string> Text(string uuid) =>
        string.Concat((await _world.Queries.LogChunks(uuid, "", 1000)).Select(row => DocumentRows.Parse<LogChunk>(row).Text));

    private async Task<string?> File(string key)
    {
        await using var content = await _world.Objects.Read(key);
        return content is null ? null : await new StreamReader(content).ReadToEndAsync();
    }
}
