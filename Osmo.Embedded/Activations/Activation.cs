using Orleans;
using Orleans.Runtime;

namespace Osmo.Embedded.Activations;

/// <summary>One live grain.</summary>
internal abstract class Activation : TaskScheduler, IGrainContext
{
    /// <summary>The activation whose turn the calling code is part of; null outside grains.</summary>
    public static new Activation? Current => TaskScheduler.Current as Activation;

    public abstract EmbeddedEngine Engine { get; }

    public abstract GrainId GrainId { get; }

    public abstract object? GrainInstance { get; }

    public abstract IServiceProvider ActivationServices { get; }

    public abstract Task Deactivated { get; }

    public abstract void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    public abstract void DelayDeactivation(TimeSpan timeSpan);

    public abstract IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options);
}
