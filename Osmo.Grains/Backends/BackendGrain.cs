using System.Collections.Immutable;
using Orleans.Runtime;
using Osmo.Grains.Configuration;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Backends;

[GrainType("backend")]
public sealed class BackendGrain(IStateStore store, ConfigurationCache configuration, TimeProvider time) : Grain, IBackendGrain
{
    /// <summary>How often rows are compared with the queue: finds jobs whose announcement was lost in a crash.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Heartbeats that come sooner are not written; far below the two minutes after which a backend counts as offline. One that is from later than now was written before
    /// the clock was put right, and is replaced, too: it would keep the backend online long after its end.
    /// </summary>
    private static readonly TimeSpan HeartbeatWritePeriod = TimeSpan.FromSeconds(5);

    /// <summary>A conflict means that another activation wrote meanwhile; reading again settles it.</summary>
    private const int CommitTriesMax = 5;

    /// <summary>Documents that are read one by one; of more, reading all rows at once is quicker.</summary>
    private const int ReadSinglyMax = 100;

    private readonly JobQueue _jobs = new(time);
    private readonly WaitingCalls _workers = new(time);
    private readonly HashSet<string> _polling = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly WaitingCalls _listeners = new(time);
    private NodeTable _nodes = null!;
    private BackendDocument? _backend;
    private long _version;
    private bool _isKnown;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _nodes = await NodeTable.Load(store, Name, cancellationToken);
        await Sweep(JobLease.Length, cancellationToken);
        this.RegisterGrainTimer(cancellation => Sweep(TimeSpan.Zero, cancellation), new GrainTimerCreationOptions(SweepPeriod, SweepPeriod));
    }

    public async Task<RegisterBackendResult> Register(RegisterBackend registration)
    {
        var written = await Write(stored => stored is null || stored.KubernetesUid == registration.KubernetesUid ? Registered(stored, registration) : stored);
        return written!.KubernetesUid == registration.KubernetesUid ? RegisterBackendResult.Accepted : RegisterBackendResult.OtherCluster;
    }

    public Task Heartbeat()
    {
        var now = time.UtcNow();
        return Write(stored => stored is null || (now - stored.LastHeartbeat).Duration() < HeartbeatWritePeriod ? stored : stored with { LastHeartbeat = now });
    }

    public async Task Remove()
    {
        _isKnown = false;
        await store.Commit(
        [
            new RowWrite.Delete(new RowKey(RowKind.Backend, Name)),
            new RowWrite.DeletePartition(new RowKey(RowKind.Node, Name)),
            new RowWrite.DeletePartition(new RowKey(RowKind.Job, Name)),
        ]);
        _nodes = await NodeTable.Load(store, Name, CancellationToken.None);
        _jobs.Keep(new HashSet<string>());
    }

    public Task ReportNodes(ImmutableArray<NodeReport> reports) => _nodes.Apply(reports);

    public Task AddJobs(ImmutableArray<JobTicket> jobs)
    {
        foreach (var job in jobs)
        {
            _jobs.Add(job);
        }

        _workers.Wake();
        return Task.CompletedTask;
    }

    public async Task<JobTicket?> NextJob(string session, CancellationToken cancellation)
    {
        EndSuperseded(session);
        _polling.Add(session);
        try
        {
            return await WaitForJob(session, cancellation);
        }
        finally
        {
            _polling.Remove(session);
            _gone.Remove(session);
        }
    }

    private async Task<JobTicket?> WaitForJob(string session, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();

        // A farewell may come before the cancellation of the call that still waits.
        while (!cancellation.IsCancellationRequested && !_gone.Contains(session))
        {
            if (_jobs.Take(session) is { } ticket)
            {
                return ticket;
            }

            var left = LongPoll.Longest - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await _workers.Wait(_jobs.UntilFree() is { } free && free < left ? free : left, cancellation);
        }

        return null;
    }

    public Task<bool> RenewJob(string session, string jobId) => Task.FromResult(_jobs.Renew(session, jobId));

    public Task CloseJob(string session, string jobId)
    {
        _jobs.Close(session, jobId);
        _workers.Wake();
        return Task.CompletedTask;
    }

    public Task<int> ReturnJob(string session, string jobId)
    {
        var handOuts = _jobs.Return(session, jobId);
        _workers.Wake();
        return Task.FromResult(handOuts);
    }

    public Task EndSession(string session)
    {
        End(session);
        _workers.Wake();
        return Task.CompletedTask;
    }

    public async Task<NodeConditionRules> WaitForRules(long version, CancellationToken cancellation)
    {
        if (_backend is null || _backend.RulesVersion <= version)
        {
            await _listeners.Wait(LongPoll.Longest, cancellation);
        }

        return _backend is null
            ? new NodeConditionRules(0, ImmutableDictionary<string, string>.Empty)
            : new NodeConditionRules(_backend.RulesVersion, _backend.NodeConditionRules.ToImmutableDictionary());
    }

    /// <summary>What earlier connections of the same worker hold or wait for would be lost with the gateways they went through.</summary>
    private void EndSuperseded(string session)
    {
        var earlier = _polling.Union(_jobs.Holders).Where(other => SessionName.Supersedes(session, other)).ToList();
        if (earlier.Count == 0)
        {
            return;
        }

        earlier.ForEach(End);
        _workers.Wake();
    }

    private void End(string session)
    {
        _jobs.EndSession(session);
        if (_polling.Contains(session))
        {
            _gone.Add(session);
        }
    }

    /// <summary>
    /// Jobs that are rows and nothing else, leases that are over, rules that were configured. All ids are compared each time, so a job is found whatever its order, and however late it was
    /// committed; documents are read of those only that are not known.
    /// </summary>
    /// <param name="claimable">How long whoever was handed a job by another activation may claim it.</param>
    private async Task Sweep(TimeSpan claimable, CancellationToken cancellation)
    {
        var open = (await store.ReadIds(RowKind.Job, Name, cancellation)).ToHashSet(StringComparer.Ordinal);
        _jobs.Keep(open);
        foreach (var row in await ReadJobs([.. open.Where(id => !_jobs.Knows(id))], cancellation))
        {
            var job = DocumentRows.Parse<JobDocument>(row);
            var ticket = JobLanes.Ticket(job.WorkflowUuid, job.Job, job.Order);
            if (job.HandedOut)
            {
                _jobs.AddHandedOut(ticket, claimable);
            }
            else
            {
                _jobs.Add(ticket);
            }
        }

        _workers.Wake();
        var rules = (await configuration.Current()).Backend(Name).NodeConditions.Rules ?? ImmutableSortedDictionary<string, string>.Empty;
        await Write(stored => stored is null || stored.NodeConditionRules.SequenceEqual(rules)
            ? stored
            : stored with { NodeConditionRules = rules, RulesVersion = stored.RulesVersion + 1 });
    }

    private async Task<IReadOnlyList<Row>> ReadJobs(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        if (ids.Count > ReadSinglyMax)
        {
            return await store.ReadPartition(RowKind.Job, Name, cancellation);
        }

        var rows = new List<Row>(ids.Count);
        foreach (var id in ids)
        {
            if (await store.Read(new RowKey(RowKind.Job, Name, id), cancellation) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private BackendDocument Registered(BackendDocument? stored, RegisterBackend registration)
    {
        var now = time.UtcNow();
        stored ??= new BackendDocument
        {
            Name = Name,
            KubernetesUid = registration.KubernetesUid,
            Namespace = registration.Namespace,
            Version = registration.Version,
            NodeConditionPrefix = registration.NodeConditionPrefix,
            CreatedDate = now,
            LastHeartbeat = now,
        };
        return stored with { Namespace = registration.Namespace, Version = registration.Version, NodeConditionPrefix = registration.NodeConditionPrefix };
    }

    /// <summary>Stores what <paramref name="change"/> makes of the registration, if it makes a difference. Memory follows only what was committed.</summary>
    private async Task<BackendDocument?> Write(Func<BackendDocument?, BackendDocument?> change)
    {
        for (var tries = 0; tries < CommitTriesMax; tries++)
        {
            await ReadUnlessKnown();
            var next = change(_backend);
            if (next is null || next == _backend)
            {
                return next;
            }

            var key = new RowKey(RowKind.Backend, Name);
            RowWrite write = _backend is null
                ? new RowWrite.Insert(key, DocumentRows.Write(next))
                : new RowWrite.Update(key, _version, DocumentRows.Write(next));
            _isKnown = false;
            if (await store.Commit([write]) == CommitOutcome.Committed)
            {
                var news = next.RulesVersion != _backend?.RulesVersion;
                (_backend, _version, _isKnown) = (next, _version + 1, true);
                if (news)
                {
                    _listeners.Wake();
                }

                return next;
            }
        }

        throw new OrleansException($"Backend {Name} is being changed elsewhere; {CommitTriesMax} commits in a row met another's. Try again.");
    }

    private async Task ReadUnlessKnown()
    {
        if (!_isKnown)
        {
            var row = await store.Read(new RowKey(RowKind.Backend, Name));
            (_backend, _version, _isKnown) = row is null ? (null, 0, true) : (DocumentRows.Parse<BackendDocument>(row), row.Version, true);
        }
    }
}
