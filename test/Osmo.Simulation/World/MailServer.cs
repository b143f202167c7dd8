using Osmo.Grains.Notifications;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Simulation.World;

/// <summary>Takes mails, or refuses for now; a mail that was taken may be said not to have been.</summary>
internal sealed class MailServer(RunRecord record, FaultRates rates, Dice dice) : INotifier
{
    public Task<string?> Send(Notification notification, WorkflowAlertsConfig settings, CancellationToken cancellation)
    {
        if (dice.Once(rates.ObjectsFail)) throw Refusal();
        record.Mails.Add(notification.Id);
        if (dice.Once(rates.ObjectsFail)) throw Refusal();
        return Task.FromResult<string?>(null);
    }

    private static IOException Refusal() => new("The mail server refuses, as the seed wants it.");
}
