using System.Globalization;
using Osmo.Cli.Client;

namespace Osmo.Cli.Output;

/// <summary>
/// Times between the service, which speaks UTC without saying so, and the user, who lives in a zone (contract: cli §6). Each moment has the
/// offset of its own date, whatever today's is.
/// </summary>
internal sealed class LocalTimes(TimeZoneInfo zone)
{
    public const string DateFormat = "yyyy-MM-dd";

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF",
        "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF",
    ];

    /// <summary><c>Aug 20, 2026 10:15 UTC</c>.</summary>
    /// <exception cref="CommandException">The text is no time of the service.</exception>
    public string Show(string serviceTime)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTime.TryParseExact(serviceTime, Formats, CultureInfo.InvariantCulture, Utc, out var utc))
        {
            throw new CommandException($"Invalid time format: {serviceTime}", ExitCodes.User);
        }

        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, zone);
        return $"{local.ToString("MMM dd, yyyy HH:mm", CultureInfo.InvariantCulture)} {ZoneName(utc)}";
    }

    /// <summary>Midnight at the start of a local date, as the service reads it.</summary>
    public string StartOf(DateOnly date)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight))
        {
            // Where clocks go forward at midnight the day starts later.
            midnight = midnight.AddMinutes(30);
        }

        return TimeZoneInfo.ConvertTimeToUtc(midnight, zone).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
    }

    private string ZoneName(DateTime utc) =>
        zone.HasSameRules(TimeZoneInfo.Utc) && zone.BaseUtcOffset == TimeSpan.Zero ? "UTC"
        : zone.IsDaylightSavingTime(utc) ? zone.DaylightName
        : zone.StandardName;
}
