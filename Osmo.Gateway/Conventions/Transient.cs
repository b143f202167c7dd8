using System.Diagnostics;
using Orleans.Runtime;
using Osmo.Storage.State;

namespace Osmo.Gateway.Conventions;

/// <summary>The one judge of what may succeed when it is tried again. Everything tried again is idempotent.</summary>
internal static class Transient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a call is tried again: longer than a cluster needs to notice that a silo has died and to go on without it, so that neither requests nor connections fail for it.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static bool Is(Exception exception) => exception switch
    {
        TimeoutException => true,
        StateStoreException store => store.IsTransient,
        OrleansException => true,
        _ => false,
    };

    public static Task Retry(Func<Task> call, CancellationToken cancellation) => Retry(
        async () =>
        {
            await call();
            return true;
        },
        cancellation);

    /// <summary>Calls until it succeeds, with growing pauses; the last failure is thrown.</summary>
    public static async Task<T> Retry<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause < PauseMax / 2 ? pause * 2 : PauseMax)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (Is(e) && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(pause, cancellation);
            }
        }
    }

    /// <summary>For farewells: what they would free is freed later anyway.</summary>
    public static async Task Ignore(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (Is(e))
        {
        }
    }
}
