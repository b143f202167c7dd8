using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>Selectors of lists (contract: workflow-spec §9.3).</summary>
public sealed class LabelSelectorTextTests
{
    [Theory]
    [InlineData("team=vision", "vision", true)]
    [InlineData("team=vision", "Vision", false)]
    [InlineData("team=vis", "vision", false)]
    [InlineData("team=vis*", "vision", true)]
    [InlineData("team=*", "x", true)]
    [InlineData("team=*s*n", "vision", true)]
    [InlineData("team=(a|b)-(1|2)", "b-1", true)]
    [InlineData("team=(a|b)-(1|2)", "b-3", false)]
    [InlineData("team=x(a*|b)", "xab", true)]
    [InlineData("example.com/team=vision", "vision", true)]
    public void Matches_Value_IsWholeAndCaseSensitive(string text, string value, bool expected)
    {
        Assert.True(LabelSelectorText.TryParse(text, out var selector, out var fault), fault);
        Assert.Equal(expected, selector.Matches(value));
    }

    [Theory]
    [InlineData("team")]
    [InlineData("team=")]
    [InlineData("te am=x")]
    [InlineData("team=(a)")]
    [InlineData("team=(a|)")]
    [InlineData("team=(a|(b|c))")]
    [InlineData("team=a|b")]
    [InlineData("team=(a|b")]
    [InlineData("team=a)")]
    [InlineData("team=-x")]
    [InlineData("team=a b")]
    [InlineData("team=(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)")]
    public void TryParse_Malformed_SaysWhy(string text)
    {
        Assert.False(LabelSelectorText.TryParse(text, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void TryParse_AtTheLimits_IsAccepted()
    {
        Assert.True(LabelSelectorText.TryParse("k=(a|b)(a|b)(a|b)(a|b)(a|b)", out var selector, out _));
        Assert.Equal(LabelSelectorText.MaxPatterns, selector.Patterns.Length);
        Assert.False(LabelSelectorText.TryParse("k=" + new string('*', LabelSelectorText.MaxBytes), out _, out _));
    }
}
