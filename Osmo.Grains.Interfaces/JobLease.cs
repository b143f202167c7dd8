namespace Osmo.Grains.Interfaces;

/// <summary>
/// How one connection at a time works on a job, though neither it nor the backend's grain hears when the other dies: who has not renewed for <see cref="HolderPatience"/> stops by itself, and only
/// after <see cref="Length"/>, which is longer, does another get the job. An activation of the grain that finds jobs which an earlier one handed out waits as long for their holders to come forward.
/// </summary>
public static class JobLease
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(2);

    /// <summary>Counted from the moment when the last renewal that succeeded was sent.</summary>
    public static readonly TimeSpan HolderPatience = TimeSpan.FromSeconds(8);
}
