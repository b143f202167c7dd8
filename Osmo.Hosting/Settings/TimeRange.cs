namespace Osmo.Hosting.Settings;

/// <summary>
/// What the time of a setting may be. The upper end is always below a day: a number alone means days to .NET, which nobody means who writes one.
/// </summary>
public readonly record struct TimeRange(TimeSpan Min, TimeSpan Max)
{
    /// <summary>What is wrong with the value; null when nothing is.</summary>
    /// <param name="setting">Its full name.</param>
    public string? Complaint(string setting, TimeSpan value) => value >= Min && value <= Max
        ? null
        : $"{setting} is {value}; allowed are {Min} to {Max}, written as hours:minutes:seconds (a number alone means days).";
}
