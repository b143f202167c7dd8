using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of one activation. Disposing it cancels the token of a running tick and prevents further ones.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets new times. During a tick they count from its end.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>When and how a grain timer ticks.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first tick; <see cref="Timeout.InfiniteTimeSpan"/>: not before <see cref="IGrainTimer.Change"/>.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/>: ticks once.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Ticks start while calls run.</summary>
    public bool Interleave { get; init; }

    /// <summary>Ticks count as use and so keep the activation alive.</summary>
    public bool KeepAlive { get; init; }
}
