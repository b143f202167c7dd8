namespace Osmo.Grains.Interfaces;

/// <summary>
/// Wakes workflows that are due: deadlines and effects left over by a crash. The only key is <see cref="Key"/>; it is kept alive by a reminder and reads
/// <c>wake_at</c>, so that nothing depends on which grains are in memory.
/// </summary>
[Alias("osmo.IWakeGrain")]
public interface IWakeGrain : IGrainWithStringKey
{
    const string Key = "wake";

    /// <summary>Starts the watch if it does not run; every silo calls it when it is up.</summary>
    [Alias("Start")]
    Task Start();

    /// <summary>Does nothing but be called: every silo calls it now and then, so that the watch goes on at once when the silo it ran on is gone.</summary>
    [Alias("Touch")]
    Task Touch();
}
