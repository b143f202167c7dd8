using System.Collections.Concurrent;
using System.Diagnostics;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>A workflow whose submit was answered.</summary>
/// <param name="Submitted">When it was asked for; of <see cref="Stopwatch"/>, as <see cref="Ended"/>.</param>
internal sealed record Answered(string Id, Work Work, long Submitted)
{
    /// <summary>The status in which its user first saw it ended; null while it goes on.</summary>
    public string? Status { get; set; }

    public long Ended { get; set; }
}

/// <summary>Submits at a steady rate, whatever becomes of it, and remembers what was answered.</summary>
internal sealed class Load(HarnessOptions options, User user) : IDisposable
{
    private readonly ConcurrentQueue<Answered> _answered = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly SemaphoreSlim _open = new(options.OpenMax);

    public IReadOnlyCollection<Answered> Answered => _answered;

    /// <summary>Why submits failed; nobody knows whether they took effect.</summary>
    public IReadOnlyCollection<string> Failed => _failed;

    /// <summary>Until it is cancelled; then it waits for the ends of all that is under way.</summary>
    public Task Run(CancellationToken stopping)
    {
        var (quick, real) = (new Random(options.Seed), new Random(options.Seed));
        return Task.WhenAll(
            Submit(options.Operators > 0 ? options.Rate : 0, number => Work.Quick(quick, number, options.Operators), stopping),
            Submit(options.RealRate, number => Work.Real(real, number), stopping));
    }

    public void Dispose() => _open.Dispose();

    private async Task Submit(double rate, Func<int, Work> next, CancellationToken stopping)
    {
        if (rate <= 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        var running = new List<Task>();
        try
        {
            for (var number = 1; ; number++)
            {
                await timer.WaitForNextTickAsync(stopping);
                await _open.WaitAsync(stopping);
                running.RemoveAll(task => task.IsCompletedSuccessfully);
                running.Add(One(next(number)));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task One(Work work)
    {
        try
        {
            var submitted = Stopwatch.GetTimestamp();
            var answered = new Answered(await user.Submit(work.Spec, work.Pool), work, submitted);
            _answered.Enqueue(answered);
            var status = await user.End(answered.Id);
            (answered.Ended, answered.Status) = (Stopwatch.GetTimestamp(), status);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
        {
            _failed.Enqueue(error.Message);
        }
        finally
        {
            _open.Release();
        }
    }
}
