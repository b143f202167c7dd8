using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Storage.State;

namespace Osmo.Silo;

/// <summary>
/// Calls of grains without which a silo cannot start. The grain may be in another silo that starts at the same moment, does not serve everything yet (reminders come last), or is gone before
/// it has answered: such a call is made again, for every method of a grain is idempotent.
/// </summary>
internal sealed partial class FirstCalls(TimeProvider time, ILogger<FirstCalls> logger)
{
    /// <summary>Longer than a cluster needs to notice that a silo has died and to go on without it, on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public Task Make(Func<Task> call, CancellationToken cancellation) => Make(
        async () =>
        {
            await call();
            return true;
        },
        cancellation);

    /// <summary>Calls until it succeeds; the last failure is thrown, and at once one that does not pass.</summary>
    public async Task<T> Make<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (MayPass(error) && time.GetElapsedTime(started) < Patience)
            {
                LogAgain(error);
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    private static bool MayPass(Exception error) =>
        StorageFailures.Find(error) is { } failure ? failure is StateStoreException { IsTransient: true } : error is OrleansException or TimeoutException;

    [LoggerMessage(1, LogLevel.Warning, "A grain without which this silo cannot start has not answered; it is asked again.")]
    private partial void LogAgain(Exception error);
}
