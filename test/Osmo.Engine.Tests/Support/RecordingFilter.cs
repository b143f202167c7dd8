using Osmo.Engine.Tests.Conformance;

namespace Osmo.Engine.Tests.Support;

/// <summary>A filter for all grains that acts on those of the filter tests.</summary>
public sealed class RecordingFilter(Probe probe) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != typeof(IFilteredGrain))
        {
            await context.Invoke();
            return;
        }

        var key = context.TargetId.Key.ToString()!;
        probe.Tell(key, $"before {context.MethodName}({context.Request.GetArgument(0)})");
        if (context.MethodName == nameof(IFilteredGrain.Forbidden)) throw new UnauthorizedAccessException("Not for you.");

        await context.Invoke();
        probe.Tell(key, $"after {context.ImplementationMethod.DeclaringType!.Name}: {context.Result}");
        if (context.Result is int number) context.Result = number + 1000;
    }
}
