using Osmo.Embedded.Calls;

namespace Osmo.Embedded.Enumerations;

/// <summary>The arguments of a grain method that returns <see cref="IAsyncEnumerable{T}"/>. Its classes are emitted, see <see cref="ProxyEmitter"/>.</summary>
internal abstract class EnumerableCall<T>
{
    public abstract GrainMethod Method { get; }

    /// <summary>The token among the arguments; not cancellable when there is none.</summary>
    public virtual CancellationToken Token
    {
        get => default;
        set { }
    }

    public abstract IAsyncEnumerable<T> Invoke(object grain);

    public abstract object? GetArgument(int index);

    public EnumerableCall<T> Copy() => (EnumerableCall<T>)MemberwiseClone();
}
