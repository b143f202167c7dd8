using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Invariants;
using Osmo.Simulation.Operator;
using Osmo.Simulation.Record;
using Osmo.Simulation.Storage;
using Osmo.Simulation.Users;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.World;

/// <summary>What became of one seed.</summary>
/// <param name="Lives">Workflows that were submitted.</param>
/// <param name="TraceHash">Equal for equal runs.</param>
internal sealed record RunResult(int Seed, int Lives, int Crashes, long Steps, TimeSpan VirtualTime, ulong TraceHash, IReadOnlyList<Violation> Violations);

/// <summary>One run: a control plane, three backends with their clusters and operators, some users; first with faults, then without.</summary>
internal sealed class SimulatedWorld : IDisposable
{
    private static readonly TimeSpan Chaos = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>Beyond it a workflow that has not ended is stuck: the limits of the longest chain of groups, with every retry, are less.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private readonly int _seed;
    private readonly SimulatedScheduler _scheduler;
    private readonly Dice _dice;
    private readonly FaultRates _rates;
    private readonly ControlPlane _controlPlane;
    private readonly Network _network;
    private readonly RunRecord _record;
    private readonly List<SimulatedCluster> _clusters = [];
    private readonly FaultSet _faults;
    private HostileOperator? _neighbour;
    private long _nextCrash;

    public SimulatedWorld(int seed, FaultSet faults, Disk disk, Seams? seams = null)
    {
        disk.Format();
        (_seed, _faults, _dice) = (seed, faults, new Dice(seed));
        _rates = FaultRates.Draw(faults, _dice);
        _scheduler = new SimulatedScheduler(seed) { OnStep = CrashSomeTime };
        _record = new RunRecord(disk.Rows, disk.Objects);
        _controlPlane = new ControlPlane(_scheduler, disk, _record, _rates, _dice, seams ?? new Seams.Untouched());
        _network = new Network(_scheduler, _controlPlane, _rates, _dice);
    }

    public RunRecord Record => _record;

    public SimulatedScheduler Scheduler => _scheduler;

    public RunResult Run()
    {
        var start = _scheduler.Now;
        _controlPlane.Start();
        Populate();
        ScheduleCrash();
        _scheduler.AdvanceBy(Chaos);
        _rates.Calm();
        _record.CalmSince = _scheduler.Now;
        Settle();
        Redeliver();
        FindLeftovers();
        return new RunResult(
            _seed, _record.Workflows.Count(workflow => workflow.Refused is null), _controlPlane.Crashes, _scheduler.Steps, _scheduler.Now - start, _scheduler.TraceHash, AllInvariants.Check(_record));
    }

    public void Dispose() => _controlPlane.Dispose();

    private void Populate()
    {
        var administrator = _scheduler.NewProcess("administrator");
        _scheduler.RunUntilCompleted(administrator.Start(() => _network.CallUntilAnswered(
            administrator, grains => grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key).Replace(0, Deployment.Json))));
        foreach (var backend in Deployment.Backends)
        {
            var cluster = new SimulatedCluster(_scheduler.NewProcess($"cluster {backend}"), _network, _rates, _record);
            _clusters.Add(cluster);
            var fair = new SimulatedOperator(_scheduler, backend, cluster, _controlPlane, _rates);
            if (backend == Deployment.Neighbour && _faults.Has(FaultKind.Neighbour)) _neighbour = HostileOperator.Start(_scheduler, backend, cluster, fair);
            else fair.Start();
        }

        for (var user = _dice.Between(1, 3); user > 0; user--)
        {
            var process = _scheduler.NewProcess($"user {user}");
            new SimulatedUser(process, $"user{user}@example.org", _dice.Between(2, 5), _network, _controlPlane, _rates, _record).Start();
        }
    }

    /// <summary>Until all is done; those who have nothing to do with the hostile backend first.</summary>
    private void Settle()
    {
        if (_neighbour is not null)
        {
            AdvanceUntil(() => _record.UsersAtWork == 0 && Unfinished().All(workflow => workflow.Backend == Deployment.Neighbour));
            _record.DelayedByNeighbour.AddRange(Unfinished().Where(workflow => workflow.Backend != Deployment.Neighbour).Select(workflow => workflow.Id ?? workflow.Uuid));
            _neighbour.Reform();
        }

        AdvanceUntil(() => _record.UsersAtWork == 0 && !Unfinished().Any() && !_record.Rows.Jobs.Any() && _record.Readers.TrueForAll(reader => reader.HasEnded));
        _scheduler.AdvanceBy(Look);
    }

    private void AdvanceUntil(Func<bool> done)
    {
        for (var limit = _scheduler.Now + Patience; !done() && _scheduler.Now < limit;) _scheduler.AdvanceBy(Look);
    }

    private IEnumerable<SubmittedWorkflow> Unfinished() => _record.Workflows.Where(workflow =>
        workflow.Refused is null && _record.Rows.Head(workflow.Uuid) is not { Archived: true, Outbox.IsEmpty: true, Status.IsFinished: true });

    /// <summary>Everything that was ever said about a workflow that has ended is said again.</summary>
    private void Redeliver()
    {
        var process = _scheduler.NewProcess("echo");
        foreach (var (workflow, what, deliver) in _record.Messages.Where(message => _record.Rows.Head(message.WorkflowUuid) is { Archived: true }).ToList())
        {
            var before = _record.Rows.WritesOf(workflow);
            try
            {
                _scheduler.RunUntilCompleted(process.Start(() => _network.CallUntilAnswered(process, deliver)));
                _record.Redeliveries.Add(new Redelivery(workflow, what, _record.Rows.WritesOf(workflow) - before));
            }
            catch (InvalidOperationException e)
            {
                _record.Unexpected.Add($"'{what}', delivered again: {e.Message}");
            }
        }
    }

    /// <summary>Objects of a group whose clean-up the operator gave up may stay.</summary>
    private void FindLeftovers()
    {
        foreach (var cluster in _clusters)
        {
            var left = cluster.Objects.Select(item => new Leftover(item.WorkflowUuid, item.GroupUuid, $"{item.Kind} {item.Name}"))
                .Concat(cluster.Pods.Select(pod => new Leftover(pod.Labels.WorkflowUuid, pod.Labels.GroupUuid, $"the pod of {pod.Labels.Task} attempt {pod.Labels.RetryId}")));
            _record.Leftovers.AddRange(left.Where(item => _record.Rows.Head(item.WorkflowUuid) is { Archived: true }));
        }
    }

    private void CrashSomeTime(SimulatedStep step)
    {
        if (step.Number < _nextCrash || _rates.StepsPerCrash == 0) return;

        ScheduleCrash();
        _controlPlane.Crash();
    }

    private void ScheduleCrash() => _nextCrash = _rates.StepsPerCrash == 0 ? long.MaxValue : _scheduler.Steps + _dice.Between(1, 2 * _rates.StepsPerCrash);
}
