using System.Text.Json;
using Osmo.Gateway.Conventions;

namespace Osmo.Gateway.Tests.Conventions;

public sealed class FormatTests
{
    private static readonly JsonSerializerOptions WithFloats = new() { Converters = { new FloatConverter() } };

    [Theory]
    [InlineData("2026-08-20T10:15:00", 0)]
    [InlineData("2026-08-20T10:15:00.123456", 1234567)]
    [InlineData("2026-08-20T10:15:00.120000", 1200000)]
    [InlineData("2026-08-20T10:15:00", 9)]
    public void Format_Time_HasNoZoneAndAtMostSixDigits(string expected, int ticks) =>
        Assert.Equal(expected, Timestamps.Format(new DateTime(2026, 8, 20, 10, 15, 0, DateTimeKind.Utc).AddTicks(ticks)));

    [Theory]
    [InlineData("2026-08-20T10:15:00")]
    [InlineData("2026-08-20 10:15:00")]
    [InlineData("2026-08-20T10:15")]
    [InlineData("2026-08-20T10:15:00.000Z")]
    [InlineData("2026-08-20T12:15:00+02:00")]
    [InlineData("2026-08-20 04:45:00.000000-05:30")]
    public void TryParse_EveryFormClientsSend_IsUtc(string text)
    {
        Assert.True(Timestamps.TryParse(text, out var time));
        Assert.Equal(new DateTime(2026, 8, 20, 10, 15, 0, DateTimeKind.Utc), time);
        Assert.Equal(DateTimeKind.Utc, time.Kind);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("08/20/2026")]
    [InlineData("2026-13-01")]
    [InlineData("")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Timestamps.TryParse(text, out _));

    [Theory]
    [InlineData(60, "60.0")]
    [InlineData(0.98811, "0.98811")]
    [InlineData(0, "0.0")]
    public void Write_Float_KeepsItsPoint(double value, string expected) =>
        Assert.Equal(expected, JsonSerializer.Serialize(value, WithFloats));

    [Theory]
    [InlineData("6.4.0", "6.4.0", 0)]
    [InlineData("6.10.0", "6.9.9", 1)]
    [InlineData("6.4.0.abc", "6.4.0.def", 0)]
    [InlineData("5.9.9", "6.0.0", -1)]
    public void CompareTo_Versions_ByTheirNumbers(string left, string right, int expected)
    {
        Assert.True(ClientVersion.TryParse(left, out var one));
        Assert.True(ClientVersion.TryParse(right, out var other));
        Assert.Equal(expected, Math.Sign(one.CompareTo(other)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("6.4")]
    [InlineData("6.x.0")]
    [InlineData("-1.0.0")]
    public void TryParse_Version_Malformed_IsRefused(string text) => Assert.False(ClientVersion.TryParse(text, out _));
}
