using System.Collections.Immutable;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// Templates around the engine: variables, tokens that survive, errors (contract: workflow-spec §3, §13). Numbers are the table's.
/// </summary>
public sealed class TemplateStageTests
{
    private static readonly SpecReader Reader = new(new TemplateEngine());

    [Theory]
    [InlineData(107, "n=abc", "abc")]
    [InlineData(109, "n=a=b", "a=b")]
    public void Set_Name_IsUsed(int number, string setting, string name)
    {
        var rendered = Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source("workflow:\n  name: '{{ n }}'\n") with { SetVariables = [setting] })).Spec;
        Assert.Equal($"{number}: {name}", $"{number}: {rendered.Name}");
    }

    [Theory]
    [InlineData("1_000", "1000")]
    [InlineData(" 5 ", "5")]
    [InlineData("+5", "5")]
    [InlineData("1e3", "1000.0")]
    [InlineData("inf", "inf")]
    [InlineData("nan", "nan")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("1__0", "1__0")]
    [InlineData("_1", "_1")]
    [InlineData("0x10", "0x10")]
    [InlineData("false", "false")]
    [InlineData("", "")]
    public void Set_Value_IsANumberWherePythonReadsOne(string value, string printed) =>
        Assert.Equal(printed, Arg("{{ v }}", ["v=" + value]));

    [Fact]
    public void Set_Priorities_StringsWinThenSettingsThenDefaults()
    {
        const string Text = "workflow:\n  name: w\n  tasks:\n  - {name: t, image: i, command: ['{{ a }} {{ b }} {{ c }} {{ d.e }}']}\ndefault-values: {a: d, b: d, c: d, d: {e: d}}\n";
        var outcome = Reader.Read(Source(Text) with { SetVariables = ["a=1", "b=1", "b=2", "d.e=3"], SetStringVariables = ["b=007"] });
        Assert.Equal("1 007 d d", Assert.IsType<SpecOutcome.Accepted>(outcome).Spec.Groups[0].Tasks[0].Command[0]);
    }

    [Fact]
    public void Set_False_IsTrueInIfAndPrintsAsWritten() => Assert.Equal("yes false", Arg("{% if v %}yes{% endif %} {{ v }}", ["v=false"]));

    [Fact]
    public void Set_WithoutSign_Case110() => AssertFault(Source(B()) with { SetVariables = ["n"] }, "Data n is incorrectly formatted");

    [Theory]
    [InlineData(8, "{% set n='q' %}\nworkflow:\n  name: '{{ n }}'\n", "Jinja substitution failure: <class 'jinja2.exceptions.UndefinedError'>: 'n' is undefined")]
    [InlineData(106, "workflow:\n  name: w # {{ foo }}\n", "Jinja substitution failure: <class 'jinja2.exceptions.UndefinedError'>: 'foo' is undefined")]
    [InlineData(112, "workflow:\n  name: '{{ output }}'\n", "Jinja substitution failure: <class 'jinja2.exceptions.UndefinedError'>: 'output' is undefined")]
    [InlineData(113, "workflow:\n  name: '{{ input:0 }}'\n", "Jinja substitution failure: <class 'jinja2.exceptions.TemplateSyntaxError'>: ")]
    [InlineData(118, "workflow:\n  name: '${#arr[@]}'\n", "Jinja substitution failure: <class 'jinja2.exceptions.TemplateSyntaxError'>: Missing end of comment tag")]
    [InlineData(124, "workflow:\n  name: \"{{ ''.__class__ }}\"\n", "Jinja substitution failure: <class 'jinja2.exceptions.SecurityError'>: ")]
    [InlineData(125, "workflow:\n  name: w{% for a in range(10000) %}{% for b in range(10000) %}{% for c in range(10000) %}{% endfor %}{% endfor %}{% endfor %}\n", "Jinja substitution failure: <class 'TimeoutError'>: Process exceeded time limit of 0.5 seconds")]
    [InlineData(126, "workflow:\n  name: \"{{ 1 + 'a' }}\"\n", "Jinja Template Error: ")]
    [InlineData(126, "workflow:\n  name: \"{{ 1 / 0 }}\"\n", "Jinja Template Error: ")]
    public void Render_Fault_IsNamedAsTheClientKnowsIt(int number, string text, string message)
    {
        var rejection = Assert.IsType<RenderOutcome.Rejected>(Reader.Render(Source(text))).Rejection;
        Assert.StartsWith($"{number}: {message}", $"{number}: {rejection.Message}", StringComparison.Ordinal);
        Assert.Equal((SpecErrorCode.Usage, null), (rejection.Code, rejection.FailedSubmission));
    }

    [Theory]
    [InlineData("[1]", "Jinja Template Error: default-values must be a map, not a list")]
    [InlineData("text", "Jinja Template Error: default-values must be a map, not a string")]
    [InlineData("{5: x}", "Jinja Template Error: keywords must be strings")]
    public void DefaultValues_NoMap_Case122(string defaults, string message) =>
        AssertFault(Source($"default-values: {defaults}\n" + B()), message);

    [Theory]
    [InlineData("default-values:\n")]
    [InlineData("default-values: false\n")]
    [InlineData("default-values: {}\n")]
    public void DefaultValues_Empty_Case121(string section) => Assert.Equal("w", Accept(section + B()).Name);

    [Theory]
    [InlineData(111, "{{output}}", "{{output}}")]
    [InlineData(115, "{{uuid}}", "{{uuid}}")]
    [InlineData(116, "{% raw %}{{host:w_{% endraw %}{{ 1 }}{% raw %}}}{% endraw %}", "{{host:w_1}}")]
    [InlineData(116, "{% raw %}{{output}}{% endraw %}", "{{output}}")]
    [InlineData(116, "{{ '{{input:0}}' }}", "{{input:0}}")]
    [InlineData(116, "{{host:w-{{ i }}}}", "{{host:w-{{ i }}}}")]
    public void Tokens_SurviveEveryPass(int number, string argument, string expected)
    {
        var once = Arg(argument, ["output=zz", "i=1"]);
        Assert.Equal($"{number}: {expected}", $"{number}: {once}");
        Assert.Equal(expected, Arg(once, ["output=zz", "i=1"]));
    }

    [Fact]
    public void Tokens_InAValue_AreRecognisedInTheSecondPass()
    {
        var first = Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source(Templated("{{ place }}") + "default-values: {place: '{{output}}/x'}\n"))).Spec.ToYaml();
        Assert.Equal("{{output}}/x", Assert.IsType<SpecOutcome.Accepted>(Reader.Read(Source(first))).Spec.Groups[0].Tasks[0].Args[0]);
    }

    [Fact]
    public void Raw_InTheSecondPass_IsLive_Case117()
    {
        var first = Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source(Templated("{% raw %}{{ x }}{% endraw %}")))).Spec.ToYaml();
        AssertFault(Source(first), "'x' is undefined", exact: false);
    }

    [Fact]
    public void DefaultValues_MapAndNone_AreYamlAgain_Case119()
    {
        var outcome = Reader.Read(Source(B(workflow: "timeout: {{ t }}") + "default-values: {t: {exec_timeout: 10m}}\n"));
        Assert.Equal(TimeSpan.FromMinutes(10), Assert.IsType<SpecOutcome.Accepted>(outcome).Spec.Timeout!.ExecTimeout);
        var none = Assert.IsType<SpecOutcome.Rejected>(Reader.Read(Source(B("downloadType: {{ p }}") + "default-values: {p: null}\n"))).Rejection;
        Assert.Contains("uses invalid downloadType \"None\"", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_UnknownKeys_AreKept_Case127()
    {
        var source = Source(B(workflow: "bogus: 5\n\"é\": [x]"));
        Assert.Equal(
            "workflow:\n  bogus: 5\n  name: w\n  tasks:\n  - command:\n    - sh\n    image: busybox\n    name: t\n  \"\\xE9\":\n  - x\n",
            Assert.IsType<RenderOutcome.Rendered>(Reader.Render(source)).Spec.ToYaml());
        Assert.IsType<SpecOutcome.Rejected>(Reader.Read(source));
    }

    [Fact]
    public void Render_Labels_AreShownOnlyWhenGiven()
    {
        Assert.DoesNotContain(
            "labels", Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source(B()))).Spec.ToYaml(), StringComparison.Ordinal);
        Assert.Contains("  labels:\n    a: x\n", Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source(B()) with { LabelOverrides = ["a=x"] })).Spec.ToYaml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NoName_IsNamedAfterTheUuid() =>
        Assert.Equal($"failed-{Uuid}", Assert.IsType<RenderOutcome.Rendered>(Reader.Render(Source("workflow: {tasks: []}\n"))).Spec.Name);

    private static string Templated(string argument) =>
        $"workflow:\n  name: w\n  tasks:\n  - name: t\n    image: i\n    command: [c]\n    args:\n    - |-\n      {argument}\n";

    private static string Arg(string argument, ImmutableArray<string> settings) =>
        Assert.IsType<SpecOutcome.Accepted>(Reader.Read(Source(Templated(argument)) with { SetVariables = settings })).Spec.Groups[0].Tasks[0].Args[0];

    private static void AssertFault(SpecSource source, string message, bool exact = true)
    {
        var rejection = Assert.IsType<RenderOutcome.Rejected>(Reader.Render(source)).Rejection;
        Assert.Equal((SpecErrorCode.Usage, null), (rejection.Code, rejection.FailedSubmission));
        Assert.True(
            exact ? SpecCases.Messages(rejection) == message : rejection.Message.Contains(message, StringComparison.Ordinal), rejection.Message);
    }
}
