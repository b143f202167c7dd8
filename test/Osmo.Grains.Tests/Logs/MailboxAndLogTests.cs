using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Logs;
using Osmo.Storage;
using Osmo.Storage.State;
using Osmo.Testing;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Logs;

/// <summary>The grains that gateways keep open calls on, over real storage.</summary>
public sealed class MailboxAndLogTests : IAsyncLifetime
{
    private const string Uuid = "0123456789abcdef0123456789abcdef";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-grains-").FullName;
    private TestSilo _silo = null!;

    private IStateStore Store => _silo.Services.GetRequiredService<IStateStore>();

    private IWorkflowLogGrain Log => _silo.Grains.GetGrain<IWorkflowLogGrain>(Uuid);

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.Start(new TestSiloSettings { Grains = [typeof(WorkflowLogGrain).Assembly] }, services => services
            .AddLogging()
            .AddOsmoStorage(new StorageOptions { Database = $"sqlite:{_folder}/state.db", Objects = $"file:{_folder}/objects" }));
        var head = new WorkflowHead
        {
            WorkflowUuid = Uuid,
            WorkflowId = "w-1",
            Name = "w",
            Number = 1,
            User = "ann",
            Pool = "default",
            Priority = WorkflowPriority.Normal,
            Status = WorkflowStatus.Running,
            SubmitTime = new DateTime(2026, 8, 1, 12, 0, 0, DateTimeKind.Utc),
        };
        await Store.Commit([new RowWrite.Insert(new RowKey(RowKind.Workflow, Uuid), JsonSerializer.SerializeToUtf8Bytes(head, DocumentJson.Default.WorkflowHead))]);
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Append_EventsThatAreThere_AreDropped_ButNotOthersOfTheSameSecond()
    {
        await Append(LogStream.Events, null, "12:00:01 [t] PodScheduled: True\n");
        await Append(LogStream.Events, null, "12:00:01 [t] PodScheduled: True\n12:00:01 [t] Initialized: True\n");
        await Append(LogStream.Events, null, "12:00:00 [t] Scheduled: late but not known\n");
        await Append(LogStream.Events, null, "12:00:01 [t] Initialized: True\n");
        Assert.Equal(
            "12:00:01 [t] PodScheduled: True\n12:00:01 [t] Initialized: True\n12:00:00 [t] Scheduled: late but not known\n",
            string.Concat((await Chunks()).Select(chunk => chunk.Text)));
    }

    [Fact]
    public async Task Append_NumberedLinesThatOverlap_AreStoredOnce()
    {
        Assert.Equal(3, await Append(LogStream.Logs, 0, "0\n1\n2\n"));
        Assert.Equal(5, await Append(LogStream.Logs, 1, "1\n2\n3\n4\n"));
        Assert.Equal(5, await Append(LogStream.Logs, 0, "0\n1\n"));
        Assert.Equal("0\n1\n2\n3\n4\n", string.Concat((await Chunks()).Select(chunk => chunk.Text)));
        Assert.Equal(5, await Log.DurableLines("t", 0));
    }

    [Fact]
    public async Task NextActions_OfAnOlderSession_TakesNothingFromTheNewer()
    {
        var mailbox = _silo.Grains.GetGrain<ITaskGrain>($"{Uuid}/t");
        using var leaving = new CancellationTokenSource();
        var newer = mailbox.NextActions("session-2", 0, CancellationToken.None);
        var older = mailbox.NextActions("session-1", 0, leaving.Token);
        await mailbox.Push(new TaskAction(0, "{}"));
        Assert.Equal<TaskAction>([new TaskAction(0, "{}")], await newer.WaitAsync(Patience));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => older.WaitAsync(Patience));
    }

    private Task<long> Append(LogStream stream, long? firstLine, string text) =>
        Log.Append(new LogAppend(stream, "t", 0, firstLine, text.Count(c => c == '\n'), Encoding.UTF8.GetBytes(text)));

    private async Task<ImmutableArray<LogChunk>> Chunks() =>
    [
        .. (await Store.ReadPartition(RowKind.LogChunk, Uuid)).Select(row => JsonSerializer.Deserialize(row.Document.Span, DocumentJson.Default.LogChunk)!),
    ];
}
