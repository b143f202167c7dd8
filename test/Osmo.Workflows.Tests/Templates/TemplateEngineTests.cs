using System.Collections.Immutable;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Templates;

public class TemplateEngineTests
{
    private static readonly TemplateValues Variables = new(ImmutableDictionary<string, TemplateValue>.Empty
        .Add("n", new TemplateValue.Int(3))
        .Add("name", new TemplateValue.Text("train"))
        .Add("empty", new TemplateValue.Text(""))
        .Add("rate", new TemplateValue.Float(0.001))
        .Add("yes", new TemplateValue.Bool(true))
        .Add("nothing", TemplateValue.None.Instance)
        .Add("items", new TemplateValue.List([new TemplateValue.Text("a"), new TemplateValue.Text("b")]))
        .Add("limits", new TemplateValue.Map(
        [
            new(new TemplateValue.Text("exec_timeout"), new TemplateValue.Text("10m")),
            new(new TemplateValue.Text("n"), new TemplateValue.Int(1)),
            new(new TemplateValue.Text("b"), new TemplateValue.Bool(true)),
        ])));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\r\nb\n", "a\nb")]
    [InlineData("a\n\n", "a\n")]
    [InlineData("w_{{n}}.{{ name }}", "w_3.train")]
    [InlineData("{{ yes }} {{ nothing }} {{ rate }} {{ 1e-7 }} {{ 100000.0 }} {{ 1e16 }}", "True None 0.001 1e-07 100000.0 1e+16")]
    [InlineData("{{ limits }}", "{'exec_timeout': '10m', 'n': 1, 'b': True}")]
    [InlineData("{{ [\"it's\", 'say \"x\"', 1.0, none] }}", "[\"it's\", 'say \"x\"', 1.0, None]")]
    [InlineData("{{ limits.exec_timeout }}{{ limits['n'] }}{{ items[-1] }}{{ items.0 }}", "10m1ba")]
    [InlineData("{% for i in range(n) %}{{ i }},{% endfor %}", "0,1,2,")]
    [InlineData("{% for i in range(2, 5) %}{{ loop.index }}{{ i }}{% if not loop.last %};{% endif %}{% endfor %}", "12;23;34")]
    [InlineData("{% for i in range(2) %}{% for i in range(2) %}{{ i }}{% endfor %}{{ i }}|{% endfor %}", "010|011|")]
    [InlineData("{% for k, v in limits.items() %}{{ k }}={{ v }} {% endfor %}", "exec_timeout=10m n=1 b=True ")]
    [InlineData("{% for x in [] %}a{% else %}none{% endfor %}", "none")]
    [InlineData("{% for x in range(6) if x is even %}{{ x }}{% endfor %}", "024")]
    [InlineData("{% if n == 3 %}a{% elif n == 4 %}b{% else %}c{% endif %}", "a")]
    [InlineData("{% if empty %}a{% elif yes %}b{% endif %}", "b")]
    [InlineData("{% raw %}{{host:w_{% endraw %}{{ n }}{% raw %}}}{% endraw %}", "{{host:w_3}}")]
    [InlineData("a {%- if yes -%} b {%- endif -%} c", "abc")]
    [InlineData("a\n  {%- set x = 1 %}\n{{ x }}", "a\n1")]
    [InlineData("{# comment #}x{#- strip -#} y", "xy")]
    [InlineData("{% set x = n + 1 %}{{ x }}{% for i in [1] %}{% set x = 9 %}{% endfor %}{{ x }}", "44")]
    [InlineData("{% set ns = namespace(c=0) %}{% for i in range(3) %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}", "3")]
    [InlineData("{% set b %}x{{ n }}{% endset %}[{{ b | upper }}]", "[X3]")]
    [InlineData("{% macro m(a, b='z') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(2, b=3) }}", "1z23")]
    [InlineData("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{% endcall %}", "<in>")]
    [InlineData("{% with a = 1, b = n %}{{ a + b }}{% endwith %}", "4")]
    [InlineData("{% filter upper %}a{{ name }}{% endfilter %}", "ATRAIN")]
    [InlineData("{{ 2 ** 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 1 ~ 'a' ~ 2.0 }}", "64 3 -4 1 2 3.5 1a2.0")]
    [InlineData("{{ -1 | abs }} {{ 2.5 | round }} {{ 2.675 | round(2) }} {{ 42 | round }} {{ 1 < 2 < 3 }} {{ 1 == 1.0 }}", "1 2.0 2.67 42 True True")]
    [InlineData("{{ 'a' in 'cat' }} {{ 'x' not in items }} {{ 'n' in limits }} {{ not false or true }}", "True True True True")]
    [InlineData("{{ missing | default('d') }} {{ missing is defined }} {{ 'y' if yes else missing }} [{{ 'q' if false }}]", "d False y []")]
    [InlineData("{{ items | join('-') }} {{ items | length }} {{ name | replace('t', 'T') }} {{ name[1:3] }} {{ name[::-1] }}", "a-b 2 Train ra niart")]
    [InlineData("{{ [3,1,2] | sort }} {{ [3,1,2] | max }} {{ [1,1,2] | unique | list }} {{ ['a','B'] | map('upper') | join }}", "[1, 2, 3] 3 [1, 2] AB")]
    [InlineData("{{ {'b': 1, 'a': [true, null_]} | tojson if false else {'b': 1, 'a': [true, none]} | tojson }}", "{\"a\": [true, null], \"b\": 1}")]
    [InlineData("{{ '%s-%03d' | format('a', 7) }} {{ '%.2f' % 1.005 }} {{ '{:>5}|{a}'.format('x', a=1) }}", "a-007 1.00     x|1")]
    [InlineData("{{ 'A' * 3 }}{{ [1] * 2 }}{{ 'a b  c'.split() }}{{ 'x,y'.split(',') }}", "AAA[1, 1]['a', 'b', 'c']['x', 'y']")]
    [InlineData("{{ {'a': {}} }}", "{'a': {}}")]
    [InlineData("{{ range(3) | list }} {{ 10000000000000000000 * 10 }} {{ 0x1f }} {{ 1_000 }}", "[0, 1, 2] 100000000000000000000 31 1000")]
    public void Render_Template_GivesJinjasText(string template, string expected)
    {
        var rendered = Assert.IsType<TemplateResult.Rendered>(new TemplateEngine().Render(template, Variables, TemplateLimits.Default));

        Assert.Equal(expected, rendered.Text);
    }

    [Theory]
    [InlineData("{{ x }}", TemplateFault.Undefined, "'x' is undefined", 1)]
    [InlineData("a\n{{ limits.zz }}", TemplateFault.Undefined, "'dict object' has no attribute 'zz'", 2)]
    [InlineData("{{ items[7] }}", TemplateFault.Undefined, "list object has no element 7", 1)]
    [InlineData("{% if x %}{% endif %}", TemplateFault.Undefined, "'x' is undefined", 1)]
    [InlineData("{% for %}", TemplateFault.Syntax, null, 1)]
    [InlineData("\n{% if yes %}", TemplateFault.Syntax, null, 2)]
    [InlineData("{% do x %}", TemplateFault.Syntax, "Encountered unknown tag 'do'.", 1)]
    [InlineData("{{ n | nosuch }}", TemplateFault.Assertion, "No filter named 'nosuch'.", 1)]
    [InlineData("{{ n is nosuch }}", TemplateFault.Assertion, "No test named 'nosuch'.", 1)]
    [InlineData("{{ ''.__class__ }}", TemplateFault.Security, "access to attribute '__class__' of 'str' object is unsafe.", 1)]
    [InlineData("{{ '{0.__class__}'.format(1) }}", TemplateFault.Security, "access to attribute '__class__' of 'int' object is unsafe.", 1)]
    [InlineData("{{ 1 + 'a' }}", TemplateFault.Value, "unsupported operand type(s) for +: 'int' and 'str'", 1)]
    [InlineData("{{ 1 / 0 }}", TemplateFault.Value, "division by zero", 1)]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}", TemplateFault.Value, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).", 1)]
    [InlineData("{{ 9 ** 999999 }}", TemplateFault.Value, null, 1)]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", TemplateFault.Value, null, 1)]
    [InlineData("{% include 'x' %}", TemplateFault.Value, "no loader for this environment specified", 1)]
    public void Render_Faulty_SaysWhatAndWhere(string template, TemplateFault fault, string? message, int line)
    {
        var failed = Assert.IsType<TemplateResult.Failed>(new TemplateEngine().Render(template, Variables, TemplateLimits.Default));

        Assert.Equal(fault, failed.Fault);
        Assert.Equal(message ?? failed.Message, failed.Message);
        Assert.Equal(line, failed.Line);
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", TemplateFault.TimeLimit)]
    [InlineData("{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", TemplateFault.MemoryLimit)]
    [InlineData("{{ 'A' * 1000000000 }}", TemplateFault.MemoryLimit)]
    [InlineData("{{ 'x'.center(999999999) }}", TemplateFault.MemoryLimit)]
    public void Render_Hostile_EndsAtItsLimit(string template, TemplateFault fault)
    {
        var failed = Assert.IsType<TemplateResult.Failed>(new TemplateEngine().Render(template, Variables, TemplateLimits.Default));

        Assert.Equal(fault, failed.Fault);
    }

    [Fact]
    public void Render_DeeplyNested_IsRefused()
    {
        var template = "{{ " + new string('(', 50_000) + "1" + new string(')', 50_000) + " }}";

        Assert.IsType<TemplateResult.Failed>(new TemplateEngine().Render(template, Variables, TemplateLimits.Default));
    }
}
