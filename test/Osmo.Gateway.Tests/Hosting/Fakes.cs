using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>A workflow that remembers what it was asked and answers what the test says.</summary>
public sealed class FakeWorkflow : IWorkflowGrain
{
    public Func<SubmitWorkflow, SubmitResult> OnSubmit { get; set; } = request => new($"{request.Name}-1", null);

    public Func<CancelWorkflow, CancelResult> OnCancel { get; set; } = _ => new(null, null);

    public Func<RefreshTokenRequest, RefreshTokenCheck> OnCheckRefreshToken { get; set; } = _ => RefreshTokenCheck.Valid;

    public ConcurrentQueue<(string Task, int RetryId, int Number)> ConfirmedRestarts { get; } = new();

    public Func<string, int, RuntimeAttachment> OnAttach { get; set; } = (_, _) => new("w-1", false, false, []);

    public Func<string, int, bool> OnBarrier { get; set; } = (_, _) => false;

    public Func<ImmutableArray<PodReport>, Task> OnReport { get; set; } = _ => Task.CompletedTask;

    public Func<string, PreparedJob> OnPrepareJob { get; set; } = _ => new(default(ReadOnlyMemory<byte>));

    public ConcurrentQueue<SubmitWorkflow> Submitted { get; } = new();

    public ConcurrentQueue<RejectedSubmission> Recorded { get; } = new();

    public ConcurrentQueue<PodReport> Reported { get; } = new();

    /// <summary>The backend that reported last.</summary>
    public string? ReportedBy { get; private set; }

    public Channel<JobResult> Finished { get; } = Channel.CreateUnbounded<JobResult>();

    public ConcurrentQueue<string> RemovedNodes { get; } = new();

    public ConcurrentQueue<TransferMeasurement> Transfers { get; } = new();

    public ConcurrentQueue<(ImmutableArray<string> Add, ImmutableArray<string> Remove)> Tagged { get; } = new();

    public Task<SubmitResult> Submit(SubmitWorkflow request)
    {
        Submitted.Enqueue(request);
        return Task.FromResult(OnSubmit(request));
    }

    public Task<string> RecordRejection(RejectedSubmission request)
    {
        Recorded.Enqueue(request);
        return Task.FromResult($"{request.Name}-1");
    }

    public Task<CancelResult> Cancel(CancelWorkflow request) => Task.FromResult(OnCancel(request));

    public async Task ReportPods(string backend, ImmutableArray<PodReport> reports)
    {
        await OnReport(reports);
        foreach (var report in reports)
        {
            ReportedBy = backend;
            Reported.Enqueue(report);
        }
    }

    public ConcurrentQueue<(string Backend, ImmutableArray<string> GroupUuids)> Leftovers { get; } = new();

    public Task ReportLeftovers(string backend, ImmutableArray<string> groupUuids)
    {
        Leftovers.Enqueue((backend, groupUuids));
        return Task.CompletedTask;
    }

    public Task<PreparedJob> PrepareJob(string jobId, long? order) => Task.FromResult(OnPrepareJob(jobId));

    public async Task FinishJob(JobResult result) => await Finished.Writer.WriteAsync(result);

    public Task<RuntimeAttachment> AttachRuntime(string task, int retryId) => Task.FromResult(OnAttach(task, retryId));

    public Task<bool> ReachBarrier(string task, int retryId) => Task.FromResult(OnBarrier(task, retryId));

    public Task ConfirmRestart(string task, int retryId, int number)
    {
        ConfirmedRestarts.Enqueue((task, retryId, number));
        return Task.CompletedTask;
    }

    public Task RecordTransfer(TransferMeasurement measurement)
    {
        Transfers.Enqueue(measurement);
        return Task.CompletedTask;
    }

    public Task<RefreshTokenCheck> CheckRefreshToken(RefreshTokenRequest request) => Task.FromResult(OnCheckRefreshToken(request));

    public Task RemoveNode(string node)
    {
        RemovedNodes.Enqueue(node);
        return Task.CompletedTask;
    }

    /// <summary>What happens when its backend is removed.</summary>
    public Func<Task> OnRemoveBackend { get; set; } = () => Task.CompletedTask;

    public Task RemoveBackend() => OnRemoveBackend();

    public Task<bool> SetTags(ImmutableArray<string> add, ImmutableArray<string> remove)
    {
        Tagged.Enqueue((add, remove));
        return Task.FromResult(true);
    }

    public Task Wake() => Task.CompletedTask;
}

/// <summary>A log that writes its chunks as rows, like the real one, and can be held back.</summary>
public sealed class FakeLog(IStateStore store, string workflowUuid) : IWorkflowLogGrain
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;
    private readonly ConcurrentDictionary<AttemptKey, long> _durable = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private volatile bool _ended;

    /// <summary>Awaited before an append is stored.</summary>
    public Func<LogAppend, Task> OnAppend { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<LogAppend> Appended { get; } = new();

    public string Text => string.Concat(Appended.Select(append => Encoding.UTF8.GetString(append.Text.Span)));

    /// <summary>One after the other, as in a grain.</summary>
    public Task<long> Append(LogAppend append)
    {
        lock (_gate)
        {
            var turn = AppendAfter(_last, append);
            _last = turn;
            return turn;
        }
    }

    public Task AppendEvents(ImmutableArray<LogAppend> events) => Task.WhenAll(events.Select(Append));

    public async Task<LogPosition> WaitBeyond(long sequence, CancellationToken cancellation)
    {
        while (true)
        {
            // Taken before looking: what changes after that is told by it.
            var changed = Volatile.Read(ref _changed).Task;
            if (Interlocked.Read(ref _sequence) is var stored && (stored > sequence || _ended || AnswersAtOnce))
            {
                return new(stored, _ended) { First = First };
            }

            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>The oldest chunk that is kept.</summary>
    public long First { get; set; } = 1;

    /// <summary>Those who wait are answered although nothing is new.</summary>
    public bool AnswersAtOnce { get; set; }

    public Task<long> DurableLines(string task, int retryId) => Task.FromResult(_durable.GetValueOrDefault(new(task, retryId)));

    public async Task<long> Archive(LogArchive archive)
    {
        await End();
        return 1;
    }

    /// <summary>No line will follow; rows stay.</summary>
    public Task End()
    {
        _ended = true;
        Changed();
        return Task.CompletedTask;
    }

    private async Task<long> AppendAfter(Task before, LogAppend append)
    {
        await before.ContinueWith(static _ => { }, TaskScheduler.Default);
        await OnAppend(append);
        Appended.Enqueue(append);
        var chunk = new LogChunk(
            append.Stream.ToString().ToLowerInvariant(),
            append.Task,
            append.RetryId,
            append.FirstLine,
            append.LineCount,
            Encoding.UTF8.GetString(append.Text.Span));
        var next = _sequence + 1;
        var key = new RowKey(RowKind.LogChunk, workflowUuid, LogChunk.RowId(next));
        await store.Commit([new RowWrite.Insert(key, JsonSerializer.SerializeToUtf8Bytes(chunk, DocumentJson.Default.LogChunk))]);
        Interlocked.Exchange(ref _sequence, next);
        Changed();
        return _durable[new(append.Task, append.RetryId)] = (append.FirstLine ?? 0) + append.LineCount;
    }

    private void Changed()
    {
        var changed = Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        changed.SetResult();
    }
}

/// <summary>A task's mailbox.</summary>
public sealed class FakeTask : ITaskGrain
{
    private readonly Channel<TaskAction> _actions = Channel.CreateUnbounded<TaskAction>();
    private Exception? _failure;
    private long _attached;

    public async Task Push(TaskAction action) => await _actions.Writer.WriteAsync(action);

    /// <summary>The next call for actions fails.</summary>
    public void Fail(Exception error) => _failure = error;

    /// <summary>Of the connections that were attached and have gone.</summary>
    public Channel<long> Detached { get; } = Channel.CreateUnbounded<long>();

    public Task<long> Attach(int retryId) => Task.FromResult(Interlocked.Increment(ref _attached));

    public async Task<ImmutableArray<TaskAction>> NextActions(long session, int retryId, CancellationToken cancellation)
    {
        Assert.Equal(Interlocked.Read(ref _attached), session);
        return Interlocked.Exchange(ref _failure, null) is { } failure ? throw failure : [await _actions.Reader.ReadAsync(cancellation)];
    }

    public async Task Detach(long session) => await Detached.Writer.WriteAsync(session);
}

/// <summary>A backend with a queue of jobs.</summary>
public sealed class FakeBackend : IBackendGrain
{
    private readonly Channel<JobTicket> _jobs = Channel.CreateUnbounded<JobTicket>();
    private readonly TaskCompletionSource<NodeConditionRules> _nextRules = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RegisterBackendResult RegisterAs { get; set; } = RegisterBackendResult.Accepted;

    public NodeConditionRules Rules { get; set; } = new(1, ImmutableDictionary<string, string>.Empty.Add("Ready", "True"));

    public ConcurrentQueue<RegisterBackend> Registered { get; } = new();

    public ConcurrentQueue<NodeReport> Nodes { get; } = new();

    public Channel<string> Closed { get; } = Channel.CreateUnbounded<string>();

    public Channel<string> Returned { get; } = Channel.CreateUnbounded<string>();

    public Channel<string> SessionsEnded { get; } = Channel.CreateUnbounded<string>();

    public int HandOuts { get; set; } = 1;

    public int Heartbeats { get; private set; }

    public Task<RegisterBackendResult> Register(RegisterBackend registration)
    {
        Registered.Enqueue(registration);
        return Task.FromResult(RegisterAs);
    }

    public Task Heartbeat()
    {
        Heartbeats++;
        return Task.CompletedTask;
    }

    public bool IsRemoved { get; private set; }

    public Task Remove()
    {
        IsRemoved = true;
        return Task.CompletedTask;
    }

    public Task ReportNodes(ImmutableArray<NodeReport> reports)
    {
        foreach (var report in reports)
        {
            Nodes.Enqueue(report);
        }

        return Task.CompletedTask;
    }

    public async Task AddJobs(ImmutableArray<JobTicket> jobs)
    {
        foreach (var job in jobs)
        {
            await _jobs.Writer.WriteAsync(job);
        }
    }

    /// <summary>Sessions that have asked for a job, once for each time.</summary>
    public Channel<string> Asked { get; } = Channel.CreateUnbounded<string>();

    public async Task<JobTicket?> NextJob(string session, CancellationToken cancellation)
    {
        await Asked.Writer.WriteAsync(session, cancellation);
        return await _jobs.Reader.ReadAsync(cancellation);
    }

    /// <summary>What a renewal answers.</summary>
    public Func<string, bool> OnRenewJob { get; set; } = _ => true;

    public Task<bool> RenewJob(string session, string jobId) => Task.FromResult(OnRenewJob(jobId));

    public async Task CloseJob(string session, string jobId) => await Closed.Writer.WriteAsync(jobId);

    public async Task<int> ReturnJob(string session, string jobId)
    {
        await Returned.Writer.WriteAsync(jobId);
        return HandOuts;
    }

    public async Task EndSession(string session) => await SessionsEnded.Writer.WriteAsync(session);

    public async Task<NodeConditionRules> WaitForRules(long version, CancellationToken cancellation) =>
        Rules.Version > version ? Rules : await _nextRules.Task.WaitAsync(cancellation);

    public void Publish(NodeConditionRules rules) => _nextRules.SetResult(rules);
}

public sealed class FakeProfile : IProfileGrain
{
    private Profile _profile = new(false, false, "default");

    /// <summary>What happens to every call before it is answered.</summary>
    public Action OnCall { get; set; } = () => { };

    public Task<Profile> Get()
    {
        OnCall();
        return Task.FromResult(_profile);
    }

    public Task<Profile> Update(bool? emailNotification, bool? slackNotification, string? pool)
    {
        OnCall();
        return Task.FromResult(_profile = new(
            emailNotification ?? _profile.EmailNotification, slackNotification ?? _profile.SlackNotification, pool ?? _profile.Pool));
    }
}

public sealed class FakeConfiguration : IConfigurationGrain
{
    private ConfigurationDocument _document = new(0, null);

    /// <summary>What every read fails with; null while it succeeds.</summary>
    public Exception? Fault { get; set; }

    public bool Broken
    {
        get => Fault is not null;
        set => Fault = value ? new TimeoutException("No answer.") : null;
    }

    public Task<ConfigurationDocument> Get(long knownVersion) => Fault is { } fault
        ? throw fault
        : Task.FromResult(_document.Version == knownVersion ? _document with { Json = null } : _document);

    public Task<ConfigurationDocument> Replace(long expectedVersion, string json) =>
        Task.FromResult(_document = new(_document.Version + 1, json));
}

public sealed class FakeServiceKeys : IServiceKeysGrain
{
    private readonly ServiceKeys _keys = Make();

    /// <summary>What happens to every call before it is answered.</summary>
    public Action OnCall { get; set; } = () => { };

    public Task<ServiceKeys> Get()
    {
        OnCall();
        return Task.FromResult(_keys);
    }

    private static ServiceKeys Make()
    {
        using var key = RSA.Create(2048);
        return new(RandomNumberGenerator.GetBytes(32), key.ExportPkcs8PrivateKey());
    }
}
