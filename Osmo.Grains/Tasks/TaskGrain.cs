using System.Collections.Immutable;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Tasks;

[GrainType("task")]
public sealed class TaskGrain(TimeProvider time) : Grain, ITaskGrain
{
    /// <summary>A runtime that asks for nothing gets the newest of what it missed.</summary>
    private const int ActionsMax = 256;

    private readonly Queue<TaskAction> _actions = new();
    private string? _session;
    private int _retryId;
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
        if (!TakeOver(session, retryId))
        {
            // The runtime has connected again since; this connection is dead and does not know it yet. It waits for nothing, rather than ask again at once.
            await new LongPoll(time, LongPoll.Longest).Wait(cancellation);
            return [];
        }

        if (Take(retryId) is { IsEmpty: false } ready)
        {
            return ready;
        }

        _waiting?.Wake();
        var waiting = _waiting = new LongPoll(time, LongPoll.Longest);
        await waiting.Wait(cancellation);
        return ReferenceEquals(_waiting, waiting) && _session == session && !cancellation.IsCancellationRequested ? Take(retryId) : [];
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

    /// <summary>The newest connection of the newest attempt counts.</summary>
    private bool TakeOver(string session, int retryId)
    {
        if (_session == session)
        {
            return true;
        }

        if (retryId < _retryId || (retryId == _retryId && string.CompareOrdinal(session, _session) < 0))
        {
            return false;
        }

        (_session, _retryId) = (session, retryId);
        _waiting?.Wake();
        return true;
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
