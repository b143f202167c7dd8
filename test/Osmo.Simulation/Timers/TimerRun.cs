using Osmo.Embedded.Simulation;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.Storage;
using Osmo.Simulation.World;
using Osmo.Storage.Objects;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Timers;

/// <summary>What became of many deadlines.</summary>
/// <param name="Fired">Workflows that ended by their deadline.</param>
/// <param name="Early">Of them, those that ended before it.</param>
/// <param name="Latest">The longest time from a deadline, or from the restart when that came later, to the end.</param>
/// <param name="ArmedBytes">What they cost in the memory of the control plane while they wait: managed memory after a collection, with them less without.</param>
internal sealed record TimerResult(int Armed, int Fired, int Early, TimeSpan Latest, long ArmedBytes);

/// <summary>
/// Many workflows that wait in the queue, each until its own limit; in the middle of it the control plane dies and is started again. Beside them are workflows that have ended, and
/// whose archive is tried again and again: object storage takes what is written, and never answers.
/// </summary>
internal sealed class TimerRun(int deadlines, int archives = 0)
{
    private const int RowsPerCommit = 500;

    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);
    private static readonly TimeSpan First = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Spread = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Downtime = TimeSpan.FromSeconds(10);

    private readonly SimulatedScheduler _scheduler = new(1);
    private readonly Dice _dice = new(1);

    public TimerResult Run()
    {
        using var disk = new Disk();
        var rates = FaultRates.Draw(FaultSet.None, _dice);
        using var controlPlane = new ControlPlane(_scheduler, disk, new RunRecord(disk.Rows, disk.Objects), rates, _dice, new SilentStorage());
        var start = _scheduler.Now.UtcDateTime;
        var due = Enumerable.Range(0, deadlines).ToDictionary(number => Uuid(number), number => start + First + (Spread * number / deadlines));
        var ended = Enumerable.Range(deadlines, archives).SelectMany(number => Ended(number, start));
        Store(disk, rates, ended.Concat(due.SelectMany((workflow, number) => Waiting(number, workflow.Key, workflow.Value))));

        var before = GC.GetTotalMemory(forceFullCollection: true);
        controlPlane.Start();
        _scheduler.AdvanceBy(First / 2);
        var armed = GC.GetTotalMemory(forceFullCollection: true) - before;
        var restart = Restart(controlPlane, start + First + (Spread / 2));
        _scheduler.AdvanceTo(start + First + Spread + Downtime);
        return Judge(disk.Rows, due, restart, armed);
    }

    private DateTime Restart(ControlPlane controlPlane, DateTime at)
    {
        _scheduler.AdvanceTo(at);
        controlPlane.Kill();
        _scheduler.AdvanceBy(Downtime);
        controlPlane.Start();
        return at + Downtime;
    }

    private TimerResult Judge(CommittedRows rows, Dictionary<string, DateTime> due, DateTime restart, long armed)
    {
        var (fired, early, latest) = (0, 0, TimeSpan.Zero);
        foreach (var (uuid, deadline) in due)
        {
            if (rows.Head(uuid) is not { Status: WorkflowStatus.FailedQueueTimeout, EndTime: { } end }) continue;

            var expected = deadline > restart - Downtime && deadline < restart ? restart : deadline;
            fired++;
            early += end < deadline ? 1 : 0;
            latest = end - expected > latest ? end - expected : latest;
        }

        return new TimerResult(deadlines, fired, early, latest, armed);
    }

    private void Store(Disk disk, FaultRates rates, IEnumerable<RowWrite> rows)
    {
        var process = _scheduler.NewProcess("archive");
        var database = new SimulatedDatabase(disk, process, rates, _dice);
        var store = new SimulatedStateStore(new Osmo.Storage.Database.RowStore(database), database, rates, _dice);
        foreach (var writes in rows.Chunk(RowsPerCommit))
        {
            var outcome = _scheduler.RunUntilCompleted(process.Start(() => store.Commit(writes)));
            if (outcome != CommitOutcome.Committed) throw new InvalidOperationException($"Rows of workflows could not be stored: {outcome}.");
        }
    }

    /// <summary>The rows as they are after the workflow's one pod was reported to be waiting for a node.</summary>
    private static IEnumerable<RowWrite> Waiting(int number, string uuid, DateTime due)
    {
        var submitted = due - Limit;
        var head = Head(number, uuid, submitted) with { Status = WorkflowStatus.Pending, WakeAt = due };
        var group = new GroupState { Name = "group", Status = TaskGroupStatus.Scheduling, ProcessingStartTime = submitted, SchedulingStartTime = submitted, JobsIssued = 1 };
        var task = new TaskState { Group = "group", Name = "task", RetryId = 0, Status = TaskGroupStatus.Scheduling, SchedulingStartTime = submitted };
        return Rows(number, head, group, task);
    }

    /// <summary>The rows as they are after the last clean-up.</summary>
    private static IEnumerable<RowWrite> Ended(int number, DateTime end)
    {
        var uuid = Uuid(number);
        var head = Head(number, uuid, end) with
        {
            Status = WorkflowStatus.Completed, StartTime = end, EndTime = end, WakeAt = end, Outbox = [new OutboxEntry($"{uuid}-archive", OutboxKind.Archive)],
        };
        var group = new GroupState { Name = "group", Status = TaskGroupStatus.Completed, StartTime = end, EndTime = end, JobsIssued = 2, CleanedUp = true };
        var task = new TaskState { Group = "group", Name = "task", RetryId = 0, Status = TaskGroupStatus.Completed, StartTime = end, EndTime = end, ExitCode = 0 };
        return Rows(number, head, group, task);
    }

    private static WorkflowHead Head(int number, string uuid, DateTime submitted) => new()
    {
        WorkflowUuid = uuid, WorkflowId = $"waiting-{number}", Name = "waiting", Number = number, User = "user", Pool = "alpha", Backend = "alpha",
        Priority = WorkflowPriority.Normal, Status = WorkflowStatus.Pending, SubmitTime = submitted,
    };

    private static IEnumerable<RowWrite> Rows(int number, WorkflowHead head, GroupState group, TaskState state)
    {
        var (uuid, task) = (head.WorkflowUuid, new TaskPlan { Name = "task", Uuid = Uuid(number), Lead = true });
        var plan = new WorkflowPlan
        {
            WorkflowUuid = uuid, WorkflowId = head.WorkflowId, User = head.User, Pool = head.Pool, Backend = "alpha", Priority = head.Priority,
            ExecTimeout = Limit, QueueTimeout = Limit, StartTimeout = Limit, MaxRetriesPerTask = 0,
            Groups = [new GroupPlan { Name = "group", Uuid = Uuid(number), Tasks = [task] }],
        };
        yield return Insert(new RowKey(RowKind.Plan, uuid), plan);
        yield return Insert(new RowKey(RowKind.Group, uuid, "group"), group);
        yield return Insert(new RowKey(RowKind.Task, uuid, TaskDocument.RowId("task", 0)), TaskDocument.Of(plan, head.SubmitTime, task, state));
        yield return Insert(new RowKey(RowKind.Workflow, uuid), head);
    }

    private static RowWrite.Insert Insert<T>(RowKey key, T document) => new RowWrite.Insert(key, RowJson.Write(document));

    private static string Uuid(int number) => number.ToString("x32");

    private sealed class SilentStorage : Seams
    {
        public override IObjectStore Objects(IObjectStore objects) => new Silent(objects);

        private sealed class Silent(IObjectStore objects) : IObjectStore
        {
            public Task Write(string key, Stream content, CancellationToken cancellation = default) => new TaskCompletionSource().Task.WaitAsync(cancellation);

            public Task<Stream?> Read(string key, CancellationToken cancellation = default) => objects.Read(key, cancellation);

            public IAsyncEnumerable<string> List(string prefix, CancellationToken cancellation = default) => objects.List(prefix, cancellation);

            public Task Delete(string key, CancellationToken cancellation = default) => objects.Delete(key, cancellation);
        }
    }
}
