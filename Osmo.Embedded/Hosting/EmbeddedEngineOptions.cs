using System.Reflection;
using Microsoft.Extensions.Options;

namespace Osmo.Embedded;

/// <summary>Settings of the embedded engine.</summary>
public sealed class EmbeddedEngineOptions
{
    /// <summary>Where grain classes are looked for; at least one.</summary>
    public IList<Assembly> GrainAssemblies { get; } = [];

    /// <summary>How long a caller waits for an answer; 30 s. <see cref="Timeout.InfiniteTimeSpan"/>: for ever. Methods may say otherwise by [ResponseTimeout].</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation stays without being used; 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often unused activations are looked for; 1 minute. Less than the collection age.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the grain of an abandoned enumeration keeps it; 1 minute, rounded up to whole collection quanta.</summary>
    public TimeSpan EnumerationAge { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long <c>OnActivateAsync</c> may take; 30 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>OnDeactivateAsync</c>, and the disposal of grain and enumerations, may take each; 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long stopping waits for running calls and deactivations; 20 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The shortest period of a reminder; 1 minute.</summary>
    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many calls may wait for one activation, about; 100,000. Further ones fail with <see cref="Orleans.Runtime.LimitExceededException"/>.</summary>
    public int MaxWaitingCalls { get; set; } = 100_000;

    /// <summary>Looks for grain classes in the assembly, too.</summary>
    public EmbeddedEngineOptions AddGrains(Assembly assembly)
    {
        GrainAssemblies.Add(assembly);
        return this;
    }
}

internal sealed class EmbeddedEngineOptionsValidator : IValidateOptions<EmbeddedEngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddedEngineOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.GrainAssemblies.Count == 0) errors.AddError("Call AddGrains with the assembly of the grain classes.", nameof(options.GrainAssemblies));
        if (options.ResponseTimeout <= TimeSpan.Zero && options.ResponseTimeout != Timeout.InfiniteTimeSpan)
        {
            errors.AddError($"Is {options.ResponseTimeout}; must be more than zero, or infinite.", nameof(options.ResponseTimeout));
        }

        Positive(options.CollectionQuantum, nameof(options.CollectionQuantum));
        Positive(options.EnumerationAge, nameof(options.EnumerationAge));
        Positive(options.ActivationTimeout, nameof(options.ActivationTimeout));
        Positive(options.DeactivationTimeout, nameof(options.DeactivationTimeout));
        Positive(options.StopTimeout, nameof(options.StopTimeout));
        Positive(options.MinimumReminderPeriod, nameof(options.MinimumReminderPeriod));
        if (options.MaxWaitingCalls < 1) errors.AddError($"Is {options.MaxWaitingCalls}; must be at least 1.", nameof(options.MaxWaitingCalls));
        if (options.CollectionAge <= options.CollectionQuantum)
        {
            errors.AddError($"Is {options.CollectionAge}; must be more than the collection quantum, {options.CollectionQuantum}.", nameof(options.CollectionAge));
        }

        return errors.Build();

        void Positive(TimeSpan value, string property)
        {
            if (value <= TimeSpan.Zero) errors.AddError($"Is {value}; must be more than zero.", property);
        }
    }
}
