using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>What the gateway logs, for tests that must know that it has come to some point.</summary>
public sealed class LogCapture : ILoggerProvider, ILogger
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();
    private readonly ConcurrentQueue<string> _messages = new();

    /// <summary>Completes when a message with this text has been logged; to be called before that can happen.</summary>
    public Task Said(string text) =>
        _awaited.GetOrAdd(text, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(Patience);

    /// <summary>How many messages with this text were logged so far.</summary>
    public int Count(string text) => _messages.Count(message => message.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        _messages.Enqueue(message);
        foreach (var (text, said) in _awaited)
        {
            if (message.Contains(text, StringComparison.Ordinal))
            {
                said.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
    }
}
