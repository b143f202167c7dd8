using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Tests.Quantities;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("1Gi", 1073741824)]
    [InlineData("1G", 1073741824)]
    [InlineData("1GiB", 1073741824)]
    [InlineData("0.5Ki", 512)]
    [InlineData("1024m", 1)]
    [InlineData("7", 7)]
    [InlineData("2M", 2097152)]
    public void TryParse_Contract_Bytes(string text, double bytes)
    {
        Assert.Equal(QuantityFault.None, Quantity.TryParse(text, out var quantity));
        Assert.Equal(bytes, quantity.Bytes);
    }

    [Theory]
    [InlineData("1k", QuantityFault.Unit)]
    [InlineData("1GB", QuantityFault.Unit)]
    [InlineData("1mB", QuantityFault.Unit)]
    [InlineData("1BB", QuantityFault.Unit)]
    [InlineData("-1Gi", QuantityFault.Value)]
    [InlineData("Gi", QuantityFault.Value)]
    [InlineData("", QuantityFault.Value)]
    public void TryParse_Other_SaysWhatIsWrong(string text, QuantityFault fault) => Assert.Equal(fault, Quantity.TryParse(text, out _));

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("1Gi", 1073741824)]
    [InlineData("1G", 1000000000)]
    [InlineData("12e6", 12000000)]
    [InlineData("64", 64)]
    public void KubernetesQuantity_Amount(string text, double amount)
    {
        Assert.True(KubernetesQuantity.TryParse(text, out var parsed));
        Assert.Equal((decimal)amount, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{{USER_CPU}}")]
    [InlineData("1GiB")]
    [InlineData("99999999999999999999999999Ei")]
    public void KubernetesQuantity_Other_IsRefused(string text) => Assert.False(KubernetesQuantity.TryParse(text, out _));
}
