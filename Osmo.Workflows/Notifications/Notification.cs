using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Notifications;

/// <summary>What a user is told at the end of a workflow (contract: lifecycle §21).</summary>
/// <param name="Id">The same whenever it is sent again.</param>
/// <param name="Recipient">The user's mail address, which is the user's name.</param>
public abstract record Notification(string Id, string Recipient)
{
    /// <summary>A mail; the text is HTML.</summary>
    public sealed record Mail(string Id, string Recipient, string Subject, string Html) : Notification(Id, Recipient);

    /// <param name="Text">What clients show that cannot show blocks.</param>
    /// <param name="Section">Text of the one section, in Slack's markup.</param>
    /// <param name="Link">Where the button "Overview" leads.</param>
    public sealed record Slack(string Id, string Recipient, string Text, string Section, string Link) : Notification(Id, Recipient);

    /// <summary>The notification that an outbox entry stands for; null when the entry is none.</summary>
    /// <param name="entry">Of a finished workflow.</param>
    /// <param name="head">The workflow.</param>
    /// <param name="serviceUrl">What links begin with.</param>
    public static Notification? Of(OutboxEntry entry, WorkflowHead head, string serviceUrl)
    {
        var (id, status) = (head.WorkflowId, WireEnum<WorkflowStatus>.Name(head.Status));
        var link = $"{serviceUrl.TrimEnd('/')}/workflows/{id}";
        return entry.Kind switch
        {
            OutboxKind.Mail => new Mail(entry.Id, head.User, $"[OSMO][{id}] status = {status}", Page(id, status, link)),
            OutboxKind.Slack => new Slack(entry.Id, head.User, $"Workflow {id} has the status {status}.", Headline(head.Status, id, status), link),
            _ => null,
        };
    }

    private static string Headline(WorkflowStatus status, string id, string name) =>
        $"{(status == WorkflowStatus.Completed ? ":white_check_mark:" : ":x:")} Workflow _*{id}*_ has the status *{name}*.";

    /// <summary>Names and statuses consist of letters, digits, '-' and '_'; nothing needs to be escaped.</summary>
    private static string Page(string id, string status, string link) =>
        $"""
        <html><body>
        <p>Workflow <b>{id}</b> has the status <b>{status}</b>.</p>
        <ul>
        <li><a href="{link}">Detail</a></li>
        <li><a href="{link}?tool=spec">Specification</a></li>
        <li><a href="{link}?tool=workflow_logs">Logs</a></li>
        </ul>
        </body></html>
        """;
}
