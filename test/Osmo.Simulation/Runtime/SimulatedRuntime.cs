using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Runtime;

/// <summary>What runs in a pod: it attaches, meets the others at the barrier, runs the user's command, prints lines, and starts over when it is told to.</summary>
internal sealed class SimulatedRuntime(SimulatedCluster cluster, SimulatedPod pod, TimeSpan runTime)
{
    /// <summary>How often a runtime that waits at the barrier asks again.</summary>
    private static readonly TimeSpan BarrierPatience = TimeSpan.FromSeconds(30);

    private readonly SubmittedWorkflow _workflow = cluster.Record.Find(pod.Labels.WorkflowUuid)!;
    private bool _released;
    private bool _restart;
    private long _lines;
    private int _restartHeard;

    /// <summary>What the lines are counted by, as those of a runtime that does not number them are; null where they have numbers of their own.</summary>
    private readonly string? _connection = pod.Labels.WorkflowUuid[^1] % 2 == 0 ? $"{cluster.Process.Time.GetUtcNow().Ticks:x}" : null;

    private string Task => pod.Labels.Task;

    private int RetryId => pod.Labels.RetryId;

    private bool HasPeers => _workflow.GroupOf(Task).Tasks.Length > 1;

    public async Task Run()
    {
        if (await Attach() is { Finished: true }) return;
        if (HasPeers) cluster.Record.Start(cluster.Process, FollowActions);

        await Print("started");
        do
        {
            _restart = false;
            if (_workflow.GroupOf(Task) is { Barrier: true, Tasks.Length: > 1 }) await PassBarrier();

            await cluster.Process.Pause(runTime);
        }
        while (_restart && !pod.IsOver);

        await Print("done");
        if (!pod.IsOver) await Measure();
    }

    private async Task<RuntimeAttachment> Attach()
    {
        var attachment = await Call(grains => Workflow(grains).AttachRuntime(Task, RetryId));
        _released |= attachment.BarrierReleased;
        if (attachment.Restart is { } restart) await Obey(restart);
        return attachment;
    }

    private async Task PassBarrier()
    {
        Func<IGrainFactory, Task<bool>> reach = grains => Workflow(grains).ReachBarrier(Task, RetryId);
        cluster.Record.Messages.Add((_workflow.Uuid, $"{Task} at the barrier", reach));
        while (!_released && !pod.IsOver)
        {
            _released |= await Call(reach);
            for (var waited = TimeSpan.Zero; waited < BarrierPatience && !_released && !pod.IsOver; waited += TimeSpan.FromSeconds(2))
            {
                await cluster.Process.Pause(TimeSpan.FromSeconds(2));
            }
        }
    }

    /// <summary>As a connection does: a new one for every call that breaks, which begins with attaching.</summary>
    private async Task FollowActions()
    {
        for (var again = false; !pod.IsOver; again = true)
        {
            try
            {
                var session = await cluster.Network.Call(grains => TaskMailbox(grains).Attach(RetryId));
                if (again) await Attach();
                while (!pod.IsOver)
                {
                    foreach (var action in await cluster.Network.Call(grains => TaskMailbox(grains).NextActions(session, RetryId, default))) await Obey(action);
                }
            }
            catch (Exception e) when (Transience.Is(e))
            {
                await cluster.Process.PauseToRetry(cluster.Dice);
            }
        }
    }

    /// <summary>A restart comes until the runtime is known to have heard of it; one that comes twice is told by its number.</summary>
    private async Task Obey(TaskAction action)
    {
        if (action.Restart is not { } number)
        {
            _released = true;
        }
        else if (number > _restartHeard)
        {
            (_restart, _released, _restartHeard) = (true, false, number);
            await cluster.Network.CallUntilAnswered(cluster.Process, grains => Workflow(grains).ConfirmRestart(Task, RetryId, number));
        }
    }

    private async Task Print(string what)
    {
        var text = string.Concat(Enumerable.Range(0, cluster.Dice.Between(1, 3)).Select(line => $"{Task} {RetryId} {what} {line}\n"));
        var count = text.Count(c => c == '\n');
        var append = new LogAppend(LogStream.Logs, Task, RetryId, _connection is null ? _lines : null, count, Encoding.UTF8.GetBytes(text))
        {
            Connection = _connection is null ? null : new ConnectionPlace(_connection, _lines),
        };
        _lines += count;
        await Call(grains => grains.GetGrain<IWorkflowLogGrain>(_workflow.Uuid).Append(append));
        if (cluster.Record.Rows.Head(_workflow.Uuid)?.Status.IsFinished == false)
        {
            cluster.Record.Lines.Add(new AcknowledgedLines(_workflow.Uuid, Task, RetryId, text));
        }
    }

    private async Task Measure()
    {
        var now = cluster.Process.Time.GetUtcNow().UtcDateTime;
        DateTime? start = cluster.Dice.Once(0.7) ? now.AddSeconds(-2) : null;
        var measured = new TransferMeasurement(Task, RetryId, cluster.Dice.Once(0.5), start, cluster.Dice.Once(0.7) ? now : null);
        Func<IGrainFactory, Task> record = grains => Workflow(grains).RecordTransfer(measured);
        cluster.Record.Messages.Add((_workflow.Uuid, $"{Task} measured", record));
        await cluster.Network.CallUntilAnswered(cluster.Process, record);
    }

    private Task<T> Call<T>(Func<IGrainFactory, Task<T>> call) => cluster.Network.CallUntilAnswered(cluster.Process, call);

    private IWorkflowGrain Workflow(IGrainFactory grains) => grains.GetGrain<IWorkflowGrain>(_workflow.Uuid);

    private ITaskGrain TaskMailbox(IGrainFactory grains) => grains.GetGrain<ITaskGrain>($"{_workflow.Uuid}/{Task}");
}
