namespace Osmo.Embedded.Calls;

/// <summary>The emitted proxy of one interface, made once per process at its first use.</summary>
internal static class ProxyOf<TInterface>
{
    private static readonly ProxyFactory? Emitted;

    /// <summary>Kept instead of thrown, so that each use gets the clear message and not a type initialisation failure.</summary>
    private static readonly string? Refusal;

#pragma warning disable CA1810 // one of two fields is set
    static ProxyOf()
    {
        try
        {
            Emitted = ProxyEmitter.Emit(typeof(TInterface));
        }
        catch (ArgumentException exception)
        {
            Refusal = exception.Message;
        }
    }
#pragma warning restore CA1810

    /// <exception cref="ArgumentException">The interface has a member that cannot be called from afar.</exception>
    public static ProxyFactory Factory => Emitted ?? throw new ArgumentException(Refusal);
}
