using System.Collections.Immutable;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Tasks;

[GrainType("task")]
public sealed class TaskGrain(TimeProvider time) : Grain, ITaskGrain
{
    /// <summary>A runtime that asks for nothing gets the newest of what it missed.</summary>
    private const int ActionsMax = 256;

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(20);

    private readonly Queue<TaskAction> _actions = new();
    private string? _session;
    private LongPoll? _waiting;

    public Task Push(TaskAction action)
    {
        if (_actions.Count == ActionsMax)
        {
            _actions.Dequeue();
        }

        _actions.Enqueue(action);
        _waiting?.Wake();
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<TaskAction>> NextActions(string session, int retryId, CancellationToken cancellation)
    {
        if (string.CompareOrdinal(session, _session) < 0)
        {
            // The runtime has connected again since; this connection is dead and does not know it yet.
            await new LongPoll(time, PollTime).Wait(cancellation);
            return [];
        }

        if (_session != session)
        {
            _session = session;
            _waiting?.Wake();
        }

        if (Take(retryId) is { IsEmpty: false } ready)
        {
            return ready;
        }

        var waiting = _waiting = new LongPoll(time, PollTime);
        await waiting.Wait(cancellation);
        return _session == session && !cancellation.IsCancellationRequested ? Take(retryId) : [];
    }

    public Task Detach(string session)
    {
        if (_session == session)
        {
            _session = null;
            _waiting?.Wake();
        }

        return Task.CompletedTask;
    }

    /// <summary>Actions of an older attempt are for a runtime that is gone; those of a newer one stay.</summary>
    private ImmutableArray<TaskAction> Take(int retryId)
    {
        var taken = ImmutableArray.CreateBuilder<TaskAction>();
        for (var left = _actions.Count; left > 0; left--)
        {
            var action = _actions.Dequeue();
            if (action.RetryId == retryId)
            {
                taken.Add(action);
            }
            else if (action.RetryId > retryId)
            {
                _actions.Enqueue(action);
            }
        }

        return taken.ToImmutable();
    }
}
