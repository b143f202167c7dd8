using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Simulation;

/// <summary>Something a process could do next: a turn of a grain, or a task of other code.</summary>
internal readonly struct ReadyWork
{
    private readonly TurnQueue? _queue;
    private readonly Task? _task;

    public ReadyWork(SimulatedProcess process, TurnQueue queue) => (Process, _queue) = (process, queue);

    public ReadyWork(SimulatedProcess process, Task task) => (Process, _task) = (process, task);

    public SimulatedProcess Process { get; }

    public string What => _queue?.ToString() ?? "a task";

    /// <summary>True when there is more to do.</summary>
    public bool Run()
    {
        if (_queue is not null) return _queue.RunSlice();

        Process.Execute(_task!);
        return false;
    }
}
