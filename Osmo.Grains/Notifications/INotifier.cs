using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Grains.Notifications;

/// <summary>The way out of the service to the users.</summary>
public interface INotifier
{
    /// <summary>
    /// Delivers a notification. Null when it was accepted; why, when it never will be. What may succeed later is thrown.
    /// </summary>
    Task<string?> Send(Notification notification, WorkflowAlertsConfig settings, CancellationToken cancellation);
}
