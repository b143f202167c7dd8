using System.Diagnostics.CodeAnalysis;

namespace Osmo.Embedded.Activations;

/// <summary>The requests of one activation: who runs, who waits, who may start. Used within its turns only.</summary>
internal sealed class Mailbox
{
    private Request? _first;
    private Request? _last;
    private int _waitingReads;
    private int _runningFree;
    private int _runningReads;
    private int _runningExclusive;

    public bool IsRunning => _runningFree + _runningReads + _runningExclusive > 0;

    public bool IsWaiting => _first is not null;

    public int WaitingCount { get; private set; }

    /// <summary>Puts the request behind those that wait.</summary>
    public void Wait(Request request)
    {
        request.NextWaiting = null;
        if (_last is null) _first = request;
        else _last.NextWaiting = request;
        _last = request;
        WaitingCount++;
        if (request.Interleaving == Interleaving.Read) _waitingReads++;
    }

    /// <summary>Counts the request as running if it may run now.</summary>
    public bool TryStart(Request request)
    {
        if (!MayStart(request.Interleaving)) return false;

        Counter(request.Interleaving)++;
        return true;
    }

    /// <summary>Takes and starts the first waiting request that may run now. Reads pass over others that must wait, as they do in Orleans.</summary>
    public bool TryStartNext([NotNullWhen(true)] out Request? request)
    {
        request = FindStartable(out var before);
        if (request is null) return false;

        Remove(request, before);
        Counter(request.Interleaving)++;
        return true;
    }

    public bool CanStartNext() => FindStartable(out _) is not null;

    public void Finished(Request request) => Counter(request.Interleaving)--;

    /// <summary>Takes all that wait, in order.</summary>
    public List<Request> TakeAllWaiting()
    {
        var all = new List<Request>();
        for (var request = _first; request is not null; request = request.NextWaiting) all.Add(request);
        foreach (var request in all) request.NextWaiting = null;
        (_first, _last, _waitingReads, WaitingCount) = (null, null, 0, 0);
        return all;
    }

    private bool MayStart(Interleaving interleaving) => interleaving switch
    {
        Interleaving.Free => true,
        Interleaving.Read => _runningExclusive == 0,
        _ => _runningExclusive == 0 && _runningReads == 0,
    };

    private Request? FindStartable(out Request? before)
    {
        before = null;
        if (_first is null || MayStart(_first.Interleaving)) return _first;
        if (_runningExclusive > 0 || _waitingReads == 0) return null; // free requests never wait

        for (var request = _first; request is not null; before = request, request = request.NextWaiting)
        {
            if (MayStart(request.Interleaving)) return request;
        }

        return null;
    }

    private void Remove(Request request, Request? before)
    {
        if (before is null) _first = request.NextWaiting;
        else before.NextWaiting = request.NextWaiting;
        if (ReferenceEquals(_last, request)) _last = before;
        if (request.Interleaving == Interleaving.Read) _waitingReads--;
        WaitingCount--;
        request.NextWaiting = null;
    }

    private ref int Counter(Interleaving interleaving)
    {
        switch (interleaving)
        {
            case Interleaving.Free: return ref _runningFree;
            case Interleaving.Read: return ref _runningReads;
            default: return ref _runningExclusive;
        }
    }
}
