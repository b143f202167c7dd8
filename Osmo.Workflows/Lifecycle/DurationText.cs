namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Limits as users read them: <c>1 days, 2 hours, 3 minutes, 4 seconds</c>, zero parts left out (contract: lifecycle §15).
/// </summary>
public static class DurationText
{
    /// <param name="duration">Whole seconds count; fractions are dropped.</param>
    public static string Of(TimeSpan duration)
    {
        (int Count, string Unit)[] parts =
        [
            (duration.Days, "days"), (duration.Hours, "hours"), (duration.Minutes, "minutes"), (duration.Seconds, "seconds"),
        ];
        var text = string.Join(", ", parts.Where(part => part.Count != 0).Select(part => $"{part.Count} {part.Unit}"));
        return text.Length > 0 ? text : "0 seconds";
    }
}
