using Orleans.Runtime;
using Osmo.Embedded.Activations;

namespace Orleans;

/// <summary>Base class of grains. Instances are made by the engine, one per activation, and run one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation _activation;

    /// <exception cref="InvalidOperationException">The grain was constructed by other code than the engine.</exception>
    protected Grain() => _activation = Activation.Current
        ?? throw new InvalidOperationException($"{GetType()} is a grain: only the engine can construct it. Use IGrainFactory.GetGrain.");

    public IGrainContext GrainContext => _activation;

    public string IdentityString => _activation.GrainId.ToString();

    protected IGrainFactory GrainFactory => _activation.Engine.GrainFactory;

    protected internal IServiceProvider ServiceProvider => _activation.ActivationServices;

    /// <summary>Ends this activation once its running calls are done. Calls that wait or come later get a fresh activation.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Keeps the activation from being collected as idle for this long from now. <see cref="TimeSpan.MaxValue"/> or
    /// <see cref="Timeout.InfiniteTimeSpan"/>: for ever; zero or less: takes an earlier request back.
    /// </summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _activation.DelayDeactivation(timeSpan);

    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
