using Orleans.Runtime;
using Osmo.Storage.State;

namespace Osmo.Simulation.World;

/// <summary>The connection to the control plane broke; nobody knows whether the call was made.</summary>
internal sealed class ConnectionLostException() : Exception("The connection to the control plane broke.");

/// <summary>Which failures say only that the same is to be tried again: those that a gateway tries again, and the loss of the connection to it.</summary>
internal static class Transience
{
    public static bool Is(Exception error) =>
        error is ConnectionLostException or TimeoutException or OrleansException or StateStoreException { IsTransient: true };
}
