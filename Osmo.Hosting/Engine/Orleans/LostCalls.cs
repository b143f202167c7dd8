using Orleans;
using Orleans.Runtime;

namespace Osmo.Hosting.Engine;

/// <summary>
/// A gateway's calls that were under way when a silo was lost, and still have no answer, fail at once with what says "try again". Some of them would have been answered; since every
/// method of a grain is idempotent, to make them again costs little, and to wait for those that are lost costs the response timeout.
/// </summary>
internal sealed class LostCalls(SiloLosses losses) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var loss = losses.Next;
        var call = context.Invoke();
        try
        {
            await call.WaitAsync(loss);
        }
        catch (OperationCanceledException) when (loss.IsCancellationRequested)
        {
            if (!call.IsCompleted)
            {
                throw new SiloUnavailableException($"A silo was lost while {context.InterfaceName}.{context.MethodName} was under way.");
            }

            await call;
        }
    }
}
