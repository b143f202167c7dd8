using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Osmo.Hosting.Engine;
using Osmo.Testing;

namespace Osmo.Hosting.Tests.Orleans;

public sealed class WaitForSiloTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly List<string> _said = [];

    [Fact]
    public async Task ShouldRetry_AsLongAsThereIsNoSilo_SaysSoOnceAMinute_AndAtOnceWhenTheReasonIsAnother()
    {
        var wait = new WaitForSilo(Options.Create(new ClusterOptions { ClusterId = "osmo" }), _time, new Listening(_said));

        for (var second = 0; second < 60; second++)
        {
            await Retry(wait, "none");
        }

        Assert.Equal(["No silo of cluster 'osmo' yet: none"], _said);

        await Retry(wait, "none");
        await Retry(wait, "refused");

        Assert.Equal(["No silo of cluster 'osmo' yet: none", "No silo of cluster 'osmo' yet: none", "No silo of cluster 'osmo' yet: refused"], _said);
    }

    private async Task Retry(WaitForSilo wait, string reason)
    {
        var retry = wait.ShouldRetryConnectionAttempt(new InvalidOperationException(reason), default);
        await _time.TimerDueWithin(Second);
        _time.Advance(Second);
        Assert.True(await retry);
    }

    private sealed class Listening(List<string> said) : ILogger<WaitForSilo>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => said.Add(formatter(state, exception));
    }
}
