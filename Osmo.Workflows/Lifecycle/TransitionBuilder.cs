namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Gathers what one event changes. Reads see the changes made so far. A part that was not set is not written.
/// </summary>
internal sealed class TransitionBuilder
{
    private readonly Workflow _before;
    private readonly Dictionary<string, GroupState> _groups = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Task, int RetryId), TaskState> _attempts = [];
    private readonly Dictionary<string, TaskState> _tasks = new(StringComparer.Ordinal);
    private readonly List<BackendJob> _newJobs = [];
    private readonly List<string> _closedJobs = [];
    private readonly List<RuntimeAction> _actions = [];
    private bool _headChanged;

    public TransitionBuilder(Workflow before, DateTime now)
    {
        _before = before;
        Index = before.Index;
        State = before.State;
        Now = now;
        NotBefore(State.SubmitTime);
        NotBefore(State.StartTime);
        NotBefore(State.EndTime);
    }

    public WorkflowPlan Plan => _before.Plan;

    public PlanIndex Index { get; }

    public WorkflowState State { get; private set; }

    /// <summary>
    /// The time to write: the caller's, but never earlier than what the touched parts already say. Clocks of two processes may differ.
    /// </summary>
    public DateTime Now { get; private set; }

    /// <summary>Groups that ended in this transition and whose downstream groups have not heard of it.</summary>
    public Queue<GroupPlan> Ended { get; } = new();

    public GroupState Group(string name) => _groups.TryGetValue(name, out var changed) ? changed : _before.Groups[name];

    public TaskState Task(string name) => _tasks.TryGetValue(name, out var changed) ? changed : _before.Tasks[name];

    public void Set(WorkflowState state)
    {
        State = state;
        _headChanged = true;
    }

    public void Set(GroupState group) => _groups[group.Name] = group;

    /// <summary>Sets an attempt; one with a higher retry than its predecessor becomes the task.</summary>
    public void Set(TaskState attempt)
    {
        _attempts[(attempt.Name, attempt.RetryId)] = attempt;
        _tasks[attempt.Name] = attempt;
    }

    /// <summary>Makes <see cref="Now"/> fit to be written into these parts.</summary>
    public void Touch(GroupState group, TaskState? task = null)
    {
        NotBefore(group.ProcessingStartTime);
        NotBefore(group.SchedulingStartTime);
        NotBefore(group.InitializingStartTime);
        NotBefore(group.StartTime);
        NotBefore(group.EndTime);
        if (task is null)
            return;

        NotBefore(task.SchedulingStartTime);
        NotBefore(task.InitializingStartTime);
        NotBefore(task.StartTime);
        NotBefore(task.EndTime);
    }

    /// <summary>Opens the next job of a group.</summary>
    /// <param name="create">Makes the job of the given sequence number.</param>
    public void Issue(string group, Func<int, BackendJob> create)
    {
        var state = Group(group);
        var job = create(state.JobsIssued + 1);
        _newJobs.Add(job);
        Set(state with { JobsIssued = job.Sequence, OpenJobs = state.OpenJobs.Add(job) });
    }

    /// <summary>Closes those open jobs of a group that are done or moot.</summary>
    public void CloseJobs(string group, Func<BackendJob, bool> which)
    {
        var state = Group(group);
        var closed = state.OpenJobs.Where(which).ToArray();
        if (closed.Length == 0)
            return;

        foreach (var job in closed)
        {
            // A job that opens and closes in the same transition was never there.
            if (!_newJobs.Remove(job))
                _closedJobs.Add(job.JobId);
        }

        Set(state with { OpenJobs = state.OpenJobs.RemoveRange(closed) });
    }

    public void Send(RuntimeAction action) => _actions.Add(action);

    public Transition Build()
    {
        var next = _before;
        if (_headChanged)
            next = next with { State = State };
        if (_groups.Count > 0)
            next = next with { Groups = next.Groups.SetItems(_groups) };
        if (_tasks.Count > 0)
            next = next with { Tasks = next.Tasks.SetItems(_tasks) };

        return new Transition
        {
            Next = next,
            HeadChanged = _headChanged,
            ChangedGroups = [.. _groups.Values],
            ChangedTasks = [.. _attempts.Values],
            NewJobs = [.. _newJobs],
            ClosedJobs = [.. _closedJobs],
            Actions = [.. _actions],
        };
    }

    private void NotBefore(DateTime? time)
    {
        if (time > Now)
            Now = time.Value;
    }
}
