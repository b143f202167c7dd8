namespace Osmo.BackendOperator.Tests;

internal static class Waiting
{
    /// <summary>Longer than anything takes on a busy machine; only a failing test waits for so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static CancellationToken Deadline() => new CancellationTokenSource(Patience).Token;
}
