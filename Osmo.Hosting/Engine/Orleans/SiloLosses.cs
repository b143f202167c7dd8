using Orleans.Messaging;

namespace Osmo.Hosting.Engine;

/// <summary>
/// The list of silos as a gateway reads it from the database, which also notices who is not on it any more. What was under way to a silo that died gets no answer, and as a
/// call may have gone through another silo, its caller cannot tell; without this it waits until the response timeout.
/// </summary>
internal sealed class SiloLosses(IGatewayListProvider silos, TimeProvider time) : IGatewayListProvider, IDisposable
{
    /// <summary>
    /// From when a silo is missed until calls are given up: the other silos have heard of it by then, so a call that is made again goes elsewhere; and what a silo that leaves in good
    /// order still answers has come.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private HashSet<Uri> _known = [];
    private CancellationTokenSource _next = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Is cancelled once after the next loss; whoever asks after that gets another one.</summary>
    public CancellationToken Next
    {
        get
        {
            lock (_lock)
            {
                return _next.Token;
            }
        }
    }

    public TimeSpan MaxStaleness => silos.MaxStaleness;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => silos.InitializeGatewayListProvider();

    public async Task<IList<Uri>> GetGateways()
    {
        var listed = await silos.GetGateways();
        Compare([.. listed]);
        return listed;
    }

    public void Dispose() => _next.Dispose();

    private void Compare(HashSet<Uri> listed)
    {
        lock (_lock)
        {
            if (!_known.IsSubsetOf(listed))
            {
                // Calls that begin from now on are not affected.
                _next.CancelAfter(Grace);
                _next = new(Timeout.InfiniteTimeSpan, time);
            }

            _known = listed;
        }
    }
}
