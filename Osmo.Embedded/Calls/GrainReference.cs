using Orleans.Runtime;

namespace Osmo.Embedded.Calls;

/// <summary>Base of the emitted classes that stand for a grain.</summary>
internal abstract class GrainReference : IAddressable
{
    public abstract EmbeddedEngine Engine { get; }

    public abstract GrainId GrainId { get; }
}
