namespace Orleans;

/// <summary>Why an activation ended. The values are Orleans' own; the embedded engine gives only those described here.</summary>
public enum DeactivationReasonCode : byte
{
    None = 0,

    /// <summary>The engine is stopping.</summary>
    ShuttingDown = 1,

    /// <summary>The grain's constructor, state or <c>OnActivateAsync</c> failed.</summary>
    ActivationFailed = 2,

    /// <summary>Nobody called it for the collection age.</summary>
    ActivationIdle = 4,

    /// <summary>A write with a stale version escaped from a call: what is in memory is not what is stored.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,
}

/// <summary>Why an activation ended, with a text for people.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    public DeactivationReasonCode ReasonCode { get; } = code;

    public string Description { get; } = text;

    public Exception? Exception { get; } = exception;

    public override string ToString() => Exception is null
        ? $"{ReasonCode}: {Description}"
        : $"{ReasonCode}: {Description}. Exception: {Exception}";
}
