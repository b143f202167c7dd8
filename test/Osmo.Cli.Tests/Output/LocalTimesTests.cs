using Osmo.Cli.Output;

namespace Osmo.Cli.Tests.Output;

public class LocalTimesTests
{
    /// <summary>One hour ahead, two from the end of March to the end of October, changing at midnight.</summary>
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone(
        "test", TimeSpan.FromHours(1), "test", "TST", "TSST",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 0, 0, 0), 3, 29),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 25)),
        ]);

    [Theory]
    [InlineData("2026-01-20T10:15:00", "Jan 20, 2026 11:15 TST")]
    [InlineData("2026-08-20T10:15:00.123456", "Aug 20, 2026 12:15 TSST")]
    [InlineData("2026-08-20 10:15", "Aug 20, 2026 12:15 TSST")]
    public void Show_TimeOfTheService_HasTheOffsetOfItsOwnDate(string time, string expected) =>
        Assert.Equal(expected, new LocalTimes(Zone).Show(time));

    [Fact]
    public void Show_InUtc_SaysUtc() =>
        Assert.Equal("Aug 20, 2026 10:15 UTC", new LocalTimes(TimeZoneInfo.Utc).Show("2026-08-20T10:15:00.1"));

    [Theory]
    [InlineData("2026-08-20T10:15:00Z")]
    [InlineData("2026-08-20T10:15:00.1234567")]
    [InlineData("2026-08-20")]
    public void Show_AnythingElse_IsRefused(string time) =>
        Assert.Equal($"Invalid time format: {time}", Assert.Throws<CommandException>(() => new LocalTimes(Zone).Show(time)).Message);

    [Theory]
    [InlineData("2026-01-20", "2026-01-19T23:00:00")]
    [InlineData("2026-08-20", "2026-08-19T22:00:00")]
    [InlineData("2026-03-29", "2026-03-28T23:00:00")]
    public void StartOf_LocalDate_IsItsFirstMoment(string date, string expected) =>
        Assert.Equal(expected, new LocalTimes(Zone).StartOf(DateOnly.Parse(date)));
}
