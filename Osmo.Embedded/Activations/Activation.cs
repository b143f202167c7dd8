using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Osmo.Embedded.Enumerations;
using Osmo.Embedded.Scheduling;
using Osmo.Embedded.Timers;

namespace Osmo.Embedded.Activations;

/// <summary>
/// One live grain: its turns, its mailbox, its life. All members are used within its own turns, except where they say otherwise.
/// The life itself, from the first request to the last, is in the other part of this class.
/// </summary>
internal sealed partial class Activation : TurnQueue, IGrainContext
{
    private readonly Mailbox _mailbox = new();
    private readonly NextTurn _next;
    private bool _nextPosted;
    private long _lastUse;
    private DateTimeOffset _keepUntil;
    private GrainTimers? _timers;
    private HashSet<EnumerationSession>? _sessions;

    public Activation(EmbeddedEngine engine, GrainClass grainClass, GrainId grainId, long number) : base(engine.Scheduler)
    {
        Engine = engine;
        Class = grainClass;
        GrainId = grainId;
        Number = number;
        _next = new NextTurn(this);
        _lastUse = engine.Collector.Epoch;
    }

    /// <summary>The activation whose turn the calling code is part of; null outside grains. From anywhere.</summary>
    public static new Activation? Current => TaskScheduler.Current as Activation;

    public EmbeddedEngine Engine { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    /// <summary>Grows with every activation of the engine.</summary>
    public long Number { get; }

    public object? GrainInstance { get; private set; }

    /// <summary>Gone for good; from anywhere.</summary>
    public bool IsGone => _state == LifeState.Gone;

    /// <summary>From anywhere; the collector looks before it asks.</summary>
    public bool MayBeIdle => _state == LifeState.Active && !_mailbox.IsRunning && Engine.Collector.IsOld(Volatile.Read(ref _lastUse));

    /// <summary>About how many requests are not yet started; from anywhere.</summary>
    public int Backlog => QueueLength + _mailbox.WaitingCount + (_held?.Count ?? 0);

    /// <summary>From anywhere.</summary>
    public bool HasSessions => _sessions is { Count: > 0 };

    /// <summary>Admits a request: starts it, lets it wait, or sends it on to the next activation of this grain.</summary>
    public void Receive(Request request)
    {
        switch (_state)
        {
            case LifeState.Active:
                request.Interleaving = Class.InterleavingOf(request, GrainInstance!);
                if (_mailbox.TryStart(request)) request.Start();
                else _mailbox.Wait(request);
                Continue();
                break;

            case LifeState.Gone:
                SendOn(request);
                break;

            default:
                Hold(request);
                break;
        }
    }

    /// <summary>A running request has ended, its caller has been told.</summary>
    public void Ended(Request request)
    {
        _mailbox.Finished(request);
        if (request.CountsAsUse) Volatile.Write(ref _lastUse, Engine.Collector.Epoch);
    }

    /// <summary>What waits may perhaps start now, or the life may end now.</summary>
    public void Continue()
    {
        if (_state == LifeState.Ending) FinishWhenQuiet();
        else if (!_nextPosted && _mailbox.IsWaiting && _mailbox.CanStartNext())
        {
            // A turn of its own, so that others get theirs in between.
            _nextPosted = true;
            Post(_next);
        }
    }

    /// <summary>A write with a stale version escaped from a call: memory no longer says what is stored.</summary>
    public void OnStaleState(InconsistentStateException exception)
    {
        exception.IsSourceActivation = false;
        Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "A write with a stale version escaped from a call."));
    }

    public IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        (_timers ??= new GrainTimers()).Start(this, callback, options);

    public void DelayDeactivation(TimeSpan timeSpan) => _keepUntil =
        timeSpan == TimeSpan.MaxValue || timeSpan == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue
        : timeSpan <= TimeSpan.Zero ? default
        : Engine.Time.GetUtcNow() + timeSpan;

    public void Opened(EnumerationSession session) => (_sessions ??= []).Add(session);

    public void Closed(EnumerationSession session) => _sessions?.Remove(session);

    public void TimerDisposed(GrainTimer timer) => _timers?.Remove(timer);

    /// <summary>Ends what nobody used for long: abandoned enumerations, and the activation itself.</summary>
    public void Collect()
    {
        if (_sessions is { Count: > 0 })
        {
            foreach (var session in _sessions.Where(session => session.IsAbandoned(Engine.Collector)).ToArray()) _ = session.Close();
        }

        if (MayBeIdle && !HasSessions && !_mailbox.IsWaiting && _keepUntil <= Engine.Time.GetUtcNow())
        {
            Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"Not used for {Engine.Options.CollectionAge}."));
        }
    }

    public override string ToString() => $"{GrainId} ({_state})";

    protected override void OnTurnFailed(Exception exception) => LogTurnFailed(Engine.Logger, exception, GrainId);

    /// <summary>Starts the next waiting request.</summary>
    private sealed class NextTurn(Activation activation) : Turn
    {
        internal override void Execute()
        {
            activation._nextPosted = false;
            if (activation._state == LifeState.Active && activation._mailbox.TryStartNext(out var request)) request.Start();
            activation.Continue();
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "A turn of {GrainId} failed inside the engine.")]
    private static partial void LogTurnFailed(ILogger logger, Exception exception, GrainId grainId);
}
