using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Something that can be called by identity: a grain or a reference to one.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>Marks grain interfaces.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain interface whose grains are identified by a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>What the engine calls on a grain around its life.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        /// <summary>Called once before the first call. If it throws, the calls waiting for the activation fail with that exception.</summary>
        Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Called once after the last call, best effort: a crash skips it.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Fixes the name of a grain class inside grain identities. Without it the name is the class name in lower case, less a trailing "grain".</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute
    {
        internal string Name { get; } = grainType;
    }
}
