using System.Collections.Concurrent;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>Submits at a steady rate, and remembers what was answered.</summary>
internal sealed class Load(HarnessOptions options, User user) : IDisposable
{
    private readonly ConcurrentDictionary<string, Work> _answered = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _open = new(options.OpenMax);
    private readonly ConcurrentQueue<string> _unanswered = new();

    /// <summary>Workflows by id whose submit was answered.</summary>
    public IReadOnlyDictionary<string, Work> Answered => _answered;

    /// <summary>Why submits failed; nobody knows whether they took effect.</summary>
    public IReadOnlyCollection<string> Unanswered => _unanswered;

    /// <summary>Until it is cancelled; then it waits for the ends of all that is under way.</summary>
    public async Task Run(CancellationToken stopping)
    {
        var random = new Random(options.Seed);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Rate));
        var running = new List<Task>();
        try
        {
            for (var number = 1; ; number++)
            {
                await timer.WaitForNextTickAsync(stopping);
                await _open.WaitAsync(stopping);
                running.RemoveAll(task => task.IsCompletedSuccessfully);
                running.Add(One(Work.Random(random, number)));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(running);
        }
    }

    public void Dispose() => _open.Dispose();

    private async Task One(Work work)
    {
        try
        {
            var id = await user.Submit(work.Spec);
            _answered[id] = work;
            await user.Reaches(id, "COMPLETED", "FAILED", "FAILED_SERVER_ERROR", "FAILED_CANCELED", "FAILED_BACKEND_ERROR");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            _unanswered.Enqueue(error.Message);
        }
        finally
        {
            _open.Release();
        }
    }
}
