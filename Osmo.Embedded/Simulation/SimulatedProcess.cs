using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Simulation;

/// <summary>A process of a simulation: an engine with its grains, or anything else that runs on its task scheduler. It can be killed at any step.</summary>
public sealed class SimulatedProcess
{
    private readonly SimulatedScheduler _scheduler;
    private readonly ProcessTasks _tasks;

    internal SimulatedProcess(SimulatedScheduler scheduler, VirtualClock clock, string name)
    {
        _scheduler = scheduler;
        Name = name;
        _tasks = new ProcessTasks(this);
        Turns = new ProcessTurns(this);
        Time = new VirtualTime(this, clock);
    }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>For the engine of the process, see <see cref="EmbeddedEngineServices.AddSimulatedProcess"/>.</summary>
    public TurnScheduler Turns { get; }

    /// <summary>For all code of the process that is not a grain.</summary>
    public TaskScheduler Tasks => _tasks;

    /// <summary>The virtual time, and timers that die with the process.</summary>
    public TimeProvider Time { get; }

    /// <summary>Starts code in the process.</summary>
    public Task Start(Func<Task> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.None, Tasks).Unwrap();

    /// <inheritdoc cref="Start(Func{Task})"/>
    public Task<T> Start<T>(Func<Task<T>> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.None, Tasks).Unwrap();

    /// <summary>The process is gone between two steps: what was ready, awaited or armed in it never happens. Its tasks never complete.</summary>
    public void Kill()
    {
        IsAlive = false;
        _scheduler.Drop(this);
    }

    internal void Execute(Task task) => _tasks.Execute(task);

    internal void Enqueue(Task task) => _scheduler.Enqueue(new ReadyWork(this, task));

    private sealed class ProcessTurns(SimulatedProcess process) : TurnScheduler
    {
        /// <summary>Others may come between any two turns.</summary>
        internal override int TurnsPerSlice => 1;

        internal override void Schedule(TurnQueue queue) => process._scheduler.Enqueue(new ReadyWork(process, queue));

        internal override void Run(Action action) =>
            Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, process.Tasks);
    }

    private sealed class ProcessTasks(SimulatedProcess process) : TaskScheduler
    {
        public void Execute(Task task) => TryExecuteTask(task);

        protected override void QueueTask(Task task) => process.Enqueue(task);

        /// <summary>Never: what is ready waits for its choice.</summary>
        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
