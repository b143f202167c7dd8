using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>Tokens that templates leave alone (contract: workflow-spec §3.3).</summary>
public sealed class ReservedTokensTests
{
    [Theory]
    [InlineData("a {{output}} b", "a # b")]
    [InlineData("{{uuid}}{{workflow_id}}{{input:0}}{{host:a-b}}", "####")]
    [InlineData("{{ output }} {{outputs}} {{input:}} {{host}}", "{{ output }} {{outputs}} {{input:}} {{host}}")]
    [InlineData("{{host:w-{{ i }}}}", "#}}")]
    [InlineData("{% raw %}{{output}}{% endraw %}", "{% raw %}#{% endraw %}")]
    [InlineData("{% raw %}{{host:w_{% endraw %}{{ 1 }}{% raw %}}}{% endraw %}", "{% raw %}{{host:w_{% endraw %}{{ 1 }}{% raw %}}}{% endraw %}")]
    public void TakeOut_ExactTokens_AreOpaque(string template, string shielded)
    {
        var tokens = ReservedTokens.TakeOut(template);
        Assert.Equal(shielded, System.Text.RegularExpressions.Regex.Replace(tokens.Template, "\ue000[0-9]+\ue000", "#"));
        Assert.Equal(template, tokens.PutBack(tokens.Template));
    }

    [Fact]
    public void PutBack_TextThatUsesTheMark_IsKept()
    {
        var tokens = ReservedTokens.TakeOut("\ue0000\ue000 {{output}}");
        Assert.Equal("\ue0000\ue000 {{output}}", tokens.PutBack(tokens.Template));
    }

    [Fact]
    public void PutBack_IndexOutOfRange_IsKept()
    {
        var tokens = ReservedTokens.TakeOut("{{output}}");
        Assert.Equal("\ue0007\ue000", tokens.PutBack("\ue0007\ue000"));
    }
}
