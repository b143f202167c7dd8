using Orleans.Runtime;
using Osmo.Storage.State;

namespace Osmo.Gateway.Conventions;

/// <summary>The one judge of what may succeed when it is tried again. Everything tried again is idempotent.</summary>
internal static class Transient
{
    /// <summary>Tries of one call by a connection, which would rather wait than break.</summary>
    private const int TriesMax = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

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
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (tried < TriesMax && Is(e))
            {
                await Task.Delay(FirstPause * (1 << tried), cancellation);
            }
        }
    }

    /// <summary>Calls once more at once if the first call fails in a way that says nothing about its effect.</summary>
    public static async Task<T> Once<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (Is(e))
        {
            return await call();
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
