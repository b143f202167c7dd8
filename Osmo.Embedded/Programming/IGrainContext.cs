namespace Orleans.Runtime;

/// <summary>One activation of a grain.</summary>
public interface IGrainContext
{
    GrainId GrainId { get; }

    /// <summary>The grain object; null before it is made and after deactivation.</summary>
    object? GrainInstance { get; }

    /// <summary>The service scope of this activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone. Never await it inside the activation itself.</summary>
    Task Deactivated { get; }

    /// <summary>Asks the activation to end once its running calls are done; the first reason given counts.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
