using System.Collections.Immutable;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Backends;

[GrainType("backend")]
public sealed partial class BackendGrain(IStateStore store, TimeProvider time) : Grain, IBackendGrain
{
    /// <summary>A connection that is not heard of for this long has lost its job.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(20);

    /// <summary>How often rows are compared with the queue: finds jobs whose announcement was lost in a crash.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(10);

    private readonly JobQueue _jobs = new();
    private readonly Queue<LongPoll> _waiting = new();
    private NodeTable _nodes = null!;
    private BackendDocument? _backend;
    private long _version;
    private LongPoll? _rulesChanged;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (await store.Read(new RowKey(RowKind.Backend, Name), cancellationToken) is { } row)
        {
            _backend = DocumentRows.Parse<BackendDocument>(row);
            _version = row.Version;
        }

        _nodes = await NodeTable.Load(store, Name, cancellationToken);
        await Sweep(cancellationToken);
        this.RegisterGrainTimer(Sweep, new GrainTimerCreationOptions(SweepPeriod, SweepPeriod));
    }

    public async Task<RegisterBackendResult> Register(RegisterBackend registration)
    {
        var now = time.UtcNow();
        if (_backend is not null && _backend.KubernetesUid != registration.KubernetesUid)
        {
            return RegisterBackendResult.OtherCluster;
        }

        var current = _backend ?? new BackendDocument
        {
            Name = Name,
            KubernetesUid = registration.KubernetesUid,
            Namespace = registration.Namespace,
            Version = registration.Version,
            NodeConditionPrefix = registration.NodeConditionPrefix,
            CreatedDate = now,
            LastHeartbeat = now,
        };
        await Write(current with
        {
            Namespace = registration.Namespace,
            Version = registration.Version,
            NodeConditionPrefix = registration.NodeConditionPrefix,
        });
        return RegisterBackendResult.Accepted;
    }

    public async Task Heartbeat()
    {
        if (_backend is not null)
        {
            await Write(_backend with { LastHeartbeat = time.UtcNow() });
        }
    }

    public Task ReportNodes(ImmutableArray<NodeReport> reports) => _nodes.Apply(reports);

    public Task AddJobs(ImmutableArray<JobTicket> jobs)
    {
        foreach (var job in jobs)
        {
            _jobs.Add(job);
        }

        WakeWorkers();
        return Task.CompletedTask;
    }

    public async Task<JobTicket?> NextJob(string session, CancellationToken cancellation)
    {
        var deadline = time.UtcNow() + PollTime;
        while (!cancellation.IsCancellationRequested)
        {
            var now = time.UtcNow();
            if (_jobs.Take(session, now, Lease) is { } ticket)
            {
                return ticket;
            }

            if (now >= deadline)
            {
                break;
            }

            var until = _jobs.NextFree(now) is { } free && free < deadline ? free : deadline;
            var waiting = new LongPoll(time, until - now);
            _waiting.Enqueue(waiting);
            await waiting.Wait(cancellation);
        }

        return null;
    }

    public Task RenewJob(string session)
    {
        _jobs.Renew(session, time.UtcNow(), Lease);
        return Task.CompletedTask;
    }

    public Task CloseJob(string session, string jobId)
    {
        _jobs.Close(jobId);
        WakeWorkers();
        return Task.CompletedTask;
    }

    public Task<int> ReturnJob(string session, string jobId)
    {
        var handOuts = _jobs.Return(session, jobId, time.UtcNow());
        WakeWorkers();
        return Task.FromResult(handOuts);
    }

    public Task EndSession(string session)
    {
        _jobs.EndSession(session, time.UtcNow());
        WakeWorkers();
        return Task.CompletedTask;
    }

    public async Task<NodeConditionRules> WaitForRules(long version, CancellationToken cancellation)
    {
        if (_backend is null || _backend.RulesVersion <= version)
        {
            var waiting = _rulesChanged ??= new LongPoll(time, PollTime);
            await waiting.Wait(cancellation);
            if (ReferenceEquals(_rulesChanged, waiting))
            {
                _rulesChanged = null;
            }
        }

        return _backend is null
            ? new NodeConditionRules(0, ImmutableDictionary<string, string>.Empty)
            : new NodeConditionRules(_backend.RulesVersion, _backend.NodeConditionRules.ToImmutableDictionary());
    }

    private async Task Sweep(CancellationToken cancellation)
    {
        foreach (var row in await store.ReadPartition(RowKind.Job, Name, cancellation))
        {
            var job = DocumentRows.Parse<JobDocument>(row);
            _jobs.Add(JobLanes.Ticket(job.WorkflowUuid, job.Job, job.Order));
        }

        _jobs.ReleaseExpired(time.UtcNow());
        WakeWorkers();
    }

    private void WakeWorkers()
    {
        while (_waiting.TryDequeue(out var waiting))
        {
            waiting.Wake();
        }
    }

    private async Task Write(BackendDocument document)
    {
        var key = new RowKey(RowKind.Backend, Name);
        RowWrite write = _version == 0
            ? new RowWrite.Insert(key, DocumentRows.Write(document))
            : new RowWrite.Update(key, _version, DocumentRows.Write(document));
        if (await store.Commit([write]) != CommitOutcome.Committed)
        {
            // Somebody else is this grain by now; the next call starts from what is stored.
            DeactivateOnIdle();
            throw new OrleansException($"Backend {Name} was changed elsewhere at the same time; try again.");
        }

        _version++;
        _backend = document;
        _rulesChanged?.Wake();
    }
}
