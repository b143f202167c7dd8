using System.Collections.Immutable;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Tasks;

[GrainType("task")]
public sealed class TaskGrain(TimeProvider time) : Grain, ITaskGrain
{
    /// <summary>A runtime that asks for nothing gets the newest of what it missed.</summary>
    private const int ActionsMax = 256;

    private readonly Queue<TaskAction> _actions = new();

    /// <summary>Number of the connection that counts; 0 when there is none.</summary>
    private long _session;
    private int _retryId;

    /// <summary>The highest number known.</summary>
    private long _numbered;
    private LongPoll? _waiting;

    public Task Push(TaskAction action)
    {
        if (action.Restart is not null)
        {
            Drop(TaskAction.Barrier(action.RetryId));
        }

        if (_actions.Count == ActionsMax)
        {
            _actions.Dequeue();
        }

        _actions.Enqueue(action);
        _waiting?.Wake();
        return Task.CompletedTask;
    }

    public Task<long> Attach(int retryId)
    {
        // Connections outlive activations. The clock only lets numbers go on where those of an earlier activation ended.
        var session = Math.Max(_numbered + 1, time.UtcNow().Ticks);
        _numbered = session;
        TakeOver(session, retryId);
        return Task.FromResult(session);
    }

    public async Task<ImmutableArray<TaskAction>> NextActions(long session, int retryId, CancellationToken cancellation)
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

    public Task Detach(long session)
    {
        if (_session == session)
        {
            _session = 0;
            _waiting?.Wake();
        }

        return Task.CompletedTask;
    }

    /// <summary>The newest connection of the newest attempt counts.</summary>
    private bool TakeOver(long session, int retryId)
    {
        if (_session == session)
        {
            return true;
        }

        if (retryId < _retryId || (retryId == _retryId && session < _session))
        {
            return false;
        }

        (_session, _retryId, _numbered) = (session, retryId, Math.Max(_numbered, session));
        _waiting?.Wake();
        return true;
    }

    /// <summary>A barrier that was opened before a restart is not the one that the command has to pass after it.</summary>
    private void Drop(TaskAction outdated)
    {
        for (var left = _actions.Count; left > 0; left--)
        {
            var action = _actions.Dequeue();
            if (action != outdated)
            {
                _actions.Enqueue(action);
            }
        }
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
