using Orleans.Runtime;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Calls;

namespace Orleans;

public static class GrainExtensions
{
    /// <summary>The identity of a grain or of the grain a reference points to.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        _ => throw new ArgumentException($"{grain?.GetType()} is neither a grain nor a grain reference.", nameof(grain)),
    };

    /// <summary>The key the grain was got by.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    /// <summary>A reference to the same grain through another of its interfaces; also how a grain makes a reference to itself.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        GrainReference reference => (TGrainInterface)reference.Engine.GrainFactory.GetGrain(typeof(TGrainInterface), reference.GrainId),
        IGrainBase { GrainContext: Activation activation } =>
            (TGrainInterface)activation.Engine.GrainFactory.GetGrain(typeof(TGrainInterface), activation.GrainId),
        _ => throw new ArgumentException($"{grain?.GetType()} is neither a grain nor a grain reference.", nameof(grain)),
    };
}
