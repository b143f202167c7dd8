namespace Osmo.BackendOperator;

/// <summary>Loops that belong together.</summary>
internal static class Loops
{
    /// <summary>Runs all until one ends; then all end, and its failure, if any, is thrown.</summary>
    public static async Task RunAsync(IReadOnlyList<Func<CancellationToken, Task>> loops, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tasks = loops.Select(loop => Task.Run(() => loop(either.Token), CancellationToken.None)).ToList();
        var first = await Task.WhenAny(tasks);
        await either.CancelAsync();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
