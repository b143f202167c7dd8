using System.Globalization;

namespace Osmo.Storage.Queries;

/// <summary>Times in documents and generated columns: UTC text of fixed length, so that the order of texts is the order of times.</summary>
internal static class RowTime
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.ffffff";

    public static string Text(DateTime time) => time.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture);

    public static DateTime Parse(string text) =>
        DateTime.ParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
