using System.Collections.Concurrent;
using Osmo.Grains.Notifications;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Grains.Tests.Support;

/// <summary>Keeps what would be sent; fails while it is told to.</summary>
internal sealed class RecordingNotifier : INotifier
{
    private volatile string? _failure;
    private int _failures;

    public ConcurrentQueue<Notification> Sent { get; } = new();

    public int Failures => Volatile.Read(ref _failures);

    /// <summary>What the next calls throw; null: they succeed.</summary>
    public string? Failure
    {
        get => _failure;
        set => _failure = value;
    }

    public Task<string?> Send(Notification notification, WorkflowAlertsConfig settings, CancellationToken cancellation)
    {
        if (_failure is { } failure)
        {
            Interlocked.Increment(ref _failures);
            throw new IOException(failure);
        }

        Sent.Enqueue(notification);
        return Task.FromResult<string?>(null);
    }
}
