using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Notifications;

namespace Osmo.Silo.Notifications;

/// <summary>
/// Mail by SMTP (contract: lifecycle §21). With a password the connection must be encrypted before anything is sent; without, the server is a
/// relay of the same network.
/// </summary>
internal static class MailSender
{
    private const int DefaultPort = 587;

    public static async Task<string?> Send(Notification.Mail mail, SmtpSettings settings, CancellationToken cancellation)
    {
        var (host, port) = Split(settings.Host);
        using var client = new SmtpClient(host, port) { UseDefaultCredentials = false };
        if (!settings.Password.IsEmpty)
        {
            client.EnableSsl = true;
            client.Credentials = new NetworkCredential(settings.Sender, settings.Password.Reveal());
        }

        try
        {
            using var message = Message(mail, settings.Sender);
            await client.SendMailAsync(message, cancellation).WaitAsync(cancellation);
            return null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
        catch (SmtpFailedRecipientException error) when (IsFinal(error.StatusCode))
        {
            return error.Message;
        }
    }

    /// <summary>A mail that comes twice has the same id, by which servers and readers know it.</summary>
    private static MailMessage Message(Notification.Mail mail, string sender)
    {
        var from = new MailAddress(sender);
        return new MailMessage(from, new MailAddress(mail.Recipient))
        {
            Subject = mail.Subject,
            Body = mail.Html,
            IsBodyHtml = true,
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
            Headers = { ["Message-ID"] = $"<{mail.Id}@{from.Host}>" },
        };
    }

    /// <summary>Codes from 500 on say that trying again is of no use.</summary>
    private static bool IsFinal(SmtpStatusCode code) => (int)code >= 500;

    private static (string Host, int Port) Split(string address) =>
        address.LastIndexOf(':') is var colon and > 0
        && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (address[..colon], port)
            : (address, DefaultPort);
}
