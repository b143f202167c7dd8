using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Tests.Kubernetes;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("7900m", "7.9")]
    [InlineData("0.5", "0.5")]
    [InlineData("1Ki", "1024")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("2P", "2000000000000000")]
    [InlineData("1Ei", "1152921504606846976")]
    [InlineData("1e3", "1000")]
    [InlineData("2E-3", "0.002")]
    [InlineData("5E", "5000000000000000000")]
    [InlineData("100n", "0.0000001")]
    [InlineData("-3", "-3")]
    public void TryParse_Quantity_GivesBaseUnits(string text, string expected)
    {
        Assert.True(Quantity.TryParse(text, out var value));
        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("Gi")]
    [InlineData("1Gb")]
    [InlineData("1e99")]
    [InlineData("1.2.3")]
    [InlineData("79228162514264337593543950335E")]
    public void TryParse_Other_IsRefused(string? text) => Assert.False(Quantity.TryParse(text, out _));
}
