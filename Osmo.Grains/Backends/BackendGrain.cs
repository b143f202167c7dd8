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

    /// <summary>Documents that are read one by one; of more, reading all rows at once is quicker.</summary>
    private const int ReadSinglyMax = 100;

    private readonly JobQueue _jobs = new(time);
    private readonly WaitingCalls _workers = new(time);
    private readonly HashSet<string> _polling = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly WaitingCalls _listeners = new(time);
    private NodeTable _nodes = null!;
    private BackendRegistration _registration = null!;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _registration = new BackendRegistration(store, Name, time, rulesChanged: _listeners.Wake);
        _nodes = await NodeTable.Load(store, Name, cancellationToken);
        await Sweep(JobLease.Length, cancellationToken);
        this.RegisterGrainTimer(cancellation => Sweep(TimeSpan.Zero, cancellation), new GrainTimerCreationOptions(SweepPeriod, SweepPeriod));
    }

    public Task<RegisterBackendResult> Register(RegisterBackend registration) => _registration.Register(registration);

    public Task Heartbeat() => _registration.Heartbeat();

    public async Task Remove()
    {
        _registration.Forget();
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
        if (_registration.Rules.Version <= version)
        {
            await _listeners.Wait(LongPoll.Longest, cancellation);
        }

        return _registration.Rules;
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
        await _registration.Follow(rules);
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
}
