using System.Collections.Immutable;
using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Calls;

/// <summary>A call on its way through the engine's filters, the grain's own, and into the grain.</summary>
internal sealed class FilteredCall(GrainCall call, Activation activation, ImmutableArray<IIncomingGrainCallFilter> filters) : IIncomingGrainCallContext
{
    private int _passed;

    public IInvokable Request => call;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => call.Source;

    public GrainId TargetId => activation.GrainId;

    public string InterfaceName => call.GetInterfaceName();

    public string MethodName => call.GetMethodName();

    public MethodInfo InterfaceMethod => call.GetMethod();

    public MethodInfo ImplementationMethod => activation.Class.ImplementationOf(InterfaceMethod);

    public IGrainContext TargetContext => activation;

    public object? Result { get; set; }

    public async Task Invoke()
    {
        var next = _passed++;
        if (next < filters.Length)
        {
            await filters[next].Invoke(this);
        }
        else if (next == filters.Length && Grain is IIncomingGrainCallFilter own)
        {
            await own.Invoke(this);
        }
        else
        {
            var work = call.Invoke(Grain);
            await work;
            Result = call.ResultOf(work);
        }
    }
}
