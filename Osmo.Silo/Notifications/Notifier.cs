using Osmo.Grains.Notifications;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Silo.Notifications;

/// <summary>Sends notifications to the servers that the configuration names.</summary>
internal sealed class Notifier(SlackSender slack) : INotifier
{
    public Task<string?> Send(Notification notification, WorkflowAlertsConfig settings, CancellationToken cancellation)
    {
        if (!notification.Recipient.Contains('@'))
        {
            return Task.FromResult<string?>($"user {notification.Recipient} is not a mail address");
        }

        return notification switch
        {
            Notification.Mail mail => MailSender.Send(mail, settings.SmtpSettings, cancellation),
            Notification.Slack message => slack.Send(message, settings.SlackToken, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(notification), notification.GetType().Name, "Unknown notification."),
        };
    }
}
