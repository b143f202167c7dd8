using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Osmo.Embedded.Persistence;
using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Activations;

/// <summary>The life of an activation: New, Starting, Active, Ending, Gone; never backwards, any of the middle ones may be skipped.</summary>
internal sealed partial class Activation
{
    private readonly TaskCompletionSource _deactivated = new();
    private readonly List<PersistentStateRecord> _records = [];
    private readonly Lock _reasonGate = new();
    private volatile LifeState _state = LifeState.New;
    private List<Request>? _held;
    private AsyncServiceScope? _scope;
    private DeactivationReason? _reason;
    private bool _finishing;

    private enum LifeState
    {
        New = 1,
        Starting,
        Active,
        Ending,
        Gone,
    }

    public IServiceProvider ActivationServices =>
        _scope?.ServiceProvider ?? throw new InvalidOperationException($"{GrainId} has no services: it is {_state}.");

    public Task Deactivated => _deactivated.Task;

    /// <summary>From anywhere.</summary>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_reasonGate) _reason ??= deactivationReason;
        if (ReferenceEquals(Current, this)) BeginEnding();
        else Post(new EndTurn(this));
    }

    /// <summary>The record is read before the grain is told that it is active.</summary>
    public void Add(PersistentStateRecord record) => _records.Add(record);

    private void Hold(Request request)
    {
        (_held ??= []).Add(request);
        if (_state != LifeState.New) return;

        _state = LifeState.Starting;
        _ = Begin();
    }

    private async Task Begin()
    {
        try
        {
            _scope = Engine.Services.CreateAsyncScope();
            GrainInstance = Class.Construct(this);
            foreach (var record in _records) await record.ReadStateAsync();
            using var timeout = new CancellationTokenSource(Engine.Options.ActivationTimeout, Engine.Time);
            if (GrainInstance is IGrainBase grain) await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
        }
#pragma warning disable CA1031 // handed to the callers that wait for the activation
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogActivationFailed(Engine.Logger, exception, GrainId);
            await End(new DeactivationReason(DeactivationReasonCode.ActivationFailed, exception, "The activation failed."), wasActive: false);
            return;
        }

        _state = LifeState.Active;
        Volatile.Write(ref _lastUse, Engine.Collector.Epoch);
        if (_reason is not null) BeginEnding(); // asked for while it started, perhaps by OnActivateAsync itself
        else ReceiveHeld();
    }

    private void ReceiveHeld()
    {
        if (_held is not { } held) return;

        _held = null;
        foreach (var request in held) Receive(request);
    }

    private void BeginEnding()
    {
        switch (_state)
        {
            case LifeState.New: // nothing was ever received
                _state = LifeState.Ending;
                _ = End(_reason!.Value, wasActive: false);
                break;

            case LifeState.Active:
                _state = LifeState.Ending;
                foreach (var session in _sessions?.ToArray() ?? []) session.Abort();
                FinishWhenQuiet();
                break;
        }
    }

    private void FinishWhenQuiet()
    {
        if (_mailbox.IsRunning || _finishing) return;

        _finishing = true;
        _ = End(_reason!.Value, wasActive: true);
    }

    private async Task End(DeactivationReason reason, bool wasActive)
    {
        _state = LifeState.Ending;
        using var timeout = new CancellationTokenSource(Engine.Options.DeactivationTimeout, Engine.Time);
        _timers?.StopAll();
        if (wasActive && GrainInstance is IGrainBase grain)
        {
            await Attempt(() => grain.OnDeactivateAsync(reason, timeout.Token), timeout.Token);
            foreach (var session in _sessions?.ToArray() ?? []) await Attempt(session.Close, timeout.Token);
        }

        _timers?.StopAll(); // those that OnDeactivateAsync started
        await Attempt(Dispose, timeout.Token);
        _state = LifeState.Gone;
        Engine.Catalog.Remove(this);
        GrainInstance = null;

        var leftOver = _mailbox.TakeAllWaiting().Concat(_held ?? []).ToList();
        _held = null;
        foreach (var request in leftOver)
        {
            if (reason.ReasonCode == DeactivationReasonCode.ActivationFailed) request.Reject(reason.Exception!);
            else SendOn(request);
        }

        _deactivated.TrySetResult();
    }

    private async Task Dispose()
    {
        if (GrainInstance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
        else if (GrainInstance is IDisposable disposable) disposable.Dispose();
        if (_scope is { } scope) await scope.DisposeAsync();
    }

    /// <summary>The end goes on whatever the grain does; what went wrong is in the log.</summary>
    private async Task Attempt(Func<Task> step, CancellationToken cancellation)
    {
        try
        {
            await step().WaitAsync(cancellation);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogDeactivationFailed(Engine.Logger, exception, GrainId);
        }
    }

    private void SendOn(Request request)
    {
        if (!request.MayMoveToAnotherActivation)
        {
            request.Reject(new EnumerationAbortedException($"{GrainId} was deactivated."));
            return;
        }

        if (request.IsMoot) return;
        try
        {
            request.PostTo(Engine.Catalog.GetOrAdd(GrainId, Class));
        }
        catch (OrleansMessageRejectionException exception)
        {
            request.Reject(exception);
        }
    }

    private sealed class EndTurn(Activation activation) : Turn
    {
        internal override void Execute() => activation.BeginEnding();
    }

    [LoggerMessage(2, LogLevel.Error, "{GrainId} could not be activated.")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(3, LogLevel.Error, "{GrainId} failed while it was deactivated.")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, GrainId grainId);
}
