using Osmo.Gateway.Workflows;

namespace Osmo.Gateway.Tests.Workflows;

public sealed class LabelSelectorTests
{
    [Theory]
    [InlineData("team=robots", "team", "robots")]
    [InlineData("team=*", "team", "*")]
    [InlineData("project=sim_*", "project", "sim_*")]
    [InlineData("team=(robots|cars)", "team", "robots,cars")]
    [InlineData("k=a(b|c)d(e|f)", "k", "abde,abdf,acde,acdf")]
    [InlineData("example.com/k=v", "example.com/k", "v")]
    public void TryParse_Selector_IsKeyAndPatterns(string text, string key, string patterns)
    {
        Assert.True(LabelSelectors.TryParse(text, out var selector, out _));
        Assert.Equal(key, selector.Key);
        Assert.Equal(patterns.Split(','), selector.Patterns);
    }

    [Theory]
    [InlineData("team")]
    [InlineData("=robots")]
    [InlineData("team=")]
    [InlineData("team=(a)")]
    [InlineData("team=(a|)")]
    [InlineData("team=(a|b")]
    [InlineData("team=a)")]
    [InlineData("team=((a|b)|c)")]
    [InlineData("team=-a")]
    [InlineData("team=(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)")]
    public void TryParse_Malformed_IsRefusedWithAReason(string text)
    {
        Assert.False(LabelSelectors.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_AtItsLimits_IsAccepted()
    {
        Assert.True(LabelSelectors.TryParse("k=(a|b)(a|b)(a|b)(a|b)(a|b)", out var selector, out _));
        Assert.Equal(LabelSelectors.PatternsMax, selector.Patterns.Length);
        Assert.False(LabelSelectors.TryParse("k=" + new string('a', LabelSelectors.BytesMax), out _, out _));
    }
}
