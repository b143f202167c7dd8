using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Storage;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Calls;

/// <summary>
/// One call of a grain method: its arguments, and the caller's promise. Its classes are emitted, one per interface method, see <see cref="ProxyEmitter"/>.
/// The promise is kept by whoever is first: the callee's answer, the caller's cancellation, the response timeout, or the end of the engine.
/// </summary>
#pragma warning disable CA1001 // the callee's token source is disposed with the answer
internal abstract partial class GrainCall : Request, IInvokable
#pragma warning restore CA1001
{
    private Dictionary<string, object>? _context;
    private GrainId? _source;
    private CancellationTokenSource? _calleeToken;
    private CancellationTokenRegistration _callerToken;

    /// <summary>The emitted class knows.</summary>
    public abstract GrainMethod Method { get; }

    public sealed override bool MayMoveToAnotherActivation => true;

    public sealed override Interleaving DefaultInterleaving => Method.Interleaving;

    /// <summary>The list of <see cref="OutstandingCalls"/>.</summary>
    public OutstandingCalls.Node Outstanding;

    public GrainId? Source => _source;

    /// <summary>The token among the arguments; not cancellable when there is none.</summary>
    protected virtual CancellationToken Token
    {
        get => default;
        set { }
    }

    protected abstract bool TryCancel(CancellationToken token);

    protected abstract bool TryFail(Exception exception);

    /// <summary>Calls the method on the grain itself.</summary>
    public abstract Task Invoke(object grain);

    /// <summary>The value of a completed <see cref="Invoke"/>; null for methods without one.</summary>
    public abstract object? ResultOf(Task work);

    protected abstract Task RunFiltered(FilteredCall filtered);

    public abstract object? GetArgument(int index);

    public int GetArgumentCount() => Method.ArgumentCount;

    public string GetMethodName() => Method.Method.Name;

    public string GetInterfaceName() => Method.Method.DeclaringType!.FullName!;

    public Type GetInterfaceType() => Method.Method.DeclaringType!;

    public MethodInfo GetMethod() => Method.Method;

    /// <summary>Sends the call on its way. The promise is broken at once when the engine takes no calls or the caller has already cancelled.</summary>
    public void Send(GrainReference target)
    {
        var engine = target.Engine;
        var caller = Token;
        if (caller.IsCancellationRequested)
        {
            TryCancel(caller);
            return;
        }

        _context = RequestContext.Values;
        if (TaskScheduler.Current is Activation source) _source = source.GrainId;
        if (caller.CanBeCanceled)
        {
            // The callee's token is cancelled in a turn of the callee, the caller's may be cancelled anywhere.
            _calleeToken = new CancellationTokenSource();
            Token = _calleeToken.Token;
        }

        try
        {
            var activation = target.Activation;
            if (activation.Backlog >= engine.Options.MaxWaitingCalls)
            {
                throw new LimitExceededException($"{activation.Backlog} calls wait for {activation.GrainId}; allowed are {engine.Options.MaxWaitingCalls}.");
            }

            if (!Method.IsOneWay) engine.Outstanding.Add(this);
            if (caller.CanBeCanceled) _callerToken = caller.UnsafeRegister(static (call, token) => ((GrainCall)call!).OnCallerCancelled(token), this);
            PostTo(activation);
        }
        catch (OrleansException exception)
        {
            Reject(exception);
        }
    }

    public sealed override void Reject(Exception reason)
    {
        if (Method.IsOneWay) return; // as lost as any one-way call may be
        if (TryFail(reason)) Kept();
    }

    /// <summary>The answer did not come in time. The callee is not told and goes on.</summary>
    public void TimeOut(TimeSpan after) =>
        Reject(new TimeoutException($"{Method} of {Activation?.GrainId} did not answer within {after}."));

    /// <summary>Cancels the token of the callee, if it takes one; from anywhere. The answer is then up to the callee.</summary>
    public void CancelCallee()
    {
        if (_calleeToken is not null) Activation?.Post(new CancelTurn(this, null));
    }

    protected sealed override Task Run(Activation activation)
    {
        RequestContext.Values = _context;
        var filters = activation.Engine.Filters;
        return filters.Length == 0 && activation.GrainInstance is not Orleans.IIncomingGrainCallFilter
            ? Invoke(activation.GrainInstance!) ?? throw new InvalidOperationException($"{Method} of {activation.GrainId} returned no task.")
            : RunFiltered(new FilteredCall(this, activation, filters));
    }

    protected sealed override void Answer(Task work)
    {
        if (work.IsFaulted)
        {
            var exception = work.Exception!.InnerException!;
            if (exception is InconsistentStateException { IsSourceActivation: true } stale) Activation!.OnStaleState(stale);
            if (Method.IsOneWay) LogOneWayFailed(Activation!.Engine.Logger, exception, Method, Activation.GrainId);
        }

        if (!Method.IsOneWay && TryKeep(work)) Kept();
        _calleeToken?.Dispose();
        _calleeToken = null;
    }

    protected abstract bool TryKeep(Task work);

    private void Kept()
    {
        OutstandingCalls.Remove(this);
        _callerToken.Unregister();
    }

    /// <summary>
    /// The caller gives up: its promise is broken without waiting for the callee. That happens in a turn of the callee, since whoever awaits the promise
    /// must not go on inside of somebody's <see cref="CancellationTokenSource.Cancel()"/>.
    /// </summary>
    private void OnCallerCancelled(CancellationToken token)
    {
        if (Activation is { } activation) activation.Post(new CancelTurn(this, token));
        else if (TryCancel(token)) Kept(); // not yet posted
    }

    private sealed class CancelTurn(GrainCall call, CancellationToken? caller) : Turn
    {
        internal override void Execute()
        {
            if (!ReferenceEquals(Activation.Current, call.Activation))
            {
                call.Activation!.Post(this); // the call moved on to a fresh activation
                return;
            }

            if (caller is { } token && call.TryCancel(token)) call.Kept();
            call._calleeToken?.Cancel();
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "The one-way call {Method} of {GrainId} failed; nobody waits for it.")]
    private static partial void LogOneWayFailed(ILogger logger, Exception exception, GrainMethod method, GrainId grainId);
}
