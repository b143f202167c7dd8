using Orleans.Runtime;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Timers;

/// <summary>The timers of one activation.</summary>
internal sealed class GrainTimers
{
    private readonly HashSet<GrainTimer> _timers = [];

    public GrainTimer Start(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(activation, callback, options);
        _timers.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Remove(GrainTimer timer) => _timers.Remove(timer);

    public void StopAll()
    {
        foreach (var timer in _timers.ToArray()) timer.Dispose();
    }
}
