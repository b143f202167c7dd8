using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Templates;

/// <summary>Templates that want more than a render may have, and how each ends.</summary>
internal static class HostileTemplates
{
    private const string Doubling = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}";

    public static TheoryData<string, string, TemplateFault> Failing { get; } = new()
    {
        // time
        { "loops in loops", "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", TemplateFault.TimeLimit },
        {
            "recursive loop that branches",
            "{% for x in range(9) recursive %}{{ loop(range(9)) if loop.depth < 60 }}{% endfor %}",
            TemplateFault.TimeLimit
        },
        {
            "macro that branches",
            "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
            TemplateFault.TimeLimit
        },
        { "printing what doubles without output", Doubling + "{{ ns.x == [ns.x] }}{{ ns.x | string | length }}", TemplateFault.MemoryLimit },
        { "comparing what doubles", Doubling + "{% set a = ns.x %}{% set ns.x = [1] %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ a == ns.x }}", TemplateFault.TimeLimit },
        { "sorting what doubles", Doubling + "{% set a = ns.x %}{% set ns.x = [1] %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ [a, ns.x] | sort | length }}", TemplateFault.TimeLimit },
        {
            "counting in long texts",
            "{% set t = 'ab' * 1000000 %}{% for i in range(100000) %}{% set _ = t.count('ba') %}{% endfor %}",
            TemplateFault.TimeLimit
        },
        {
            "membership in long lists",
            "{% set l = range(50000) | list %}{% for i in range(50000) %}{% set _ = -1 in l %}{% endfor %}",
            TemplateFault.TimeLimit
        },
        {
            "inserting in front",
            "{% set l = range(99999) | list %}{% for i in range(99999) %}{% set _ = l.insert(0, i) %}{% endfor %}"
            + "{% for i in range(99999) %}{% set _ = l.insert(0, i) %}{% endfor %}",
            TemplateFault.TimeLimit
        },

        // memory
        { "text times number", "{{ 'A' * 1000000000 }}", TemplateFault.MemoryLimit },
        { "text times huge number", "{{ 'A' * 10 ** 30 }}", TemplateFault.MemoryLimit },
        {
            "text doubled by +",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "text doubled by ~",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "text doubled by join",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set ns.x = [ns.x, ns.x] | join(ns.x) %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "text blown up by replace",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set ns.x = ns.x | replace('a', 'aa') %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        { "text blown up by replacing nothing", "{% set t = 'a' * 100000 %}{{ t.replace('', t) }}", TemplateFault.MemoryLimit },
        {
            "text blown up by escaping",
            "{% set ns = namespace(x='&&&&') %}{% for a in range(100) %}{% set ns.x = ns.x | e ~ ns.x %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "text blown up by quoting",
            "{% set ns = namespace(x='\\\\') %}{% for a in range(100) %}{% set ns.x = ns.x | tojson %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "captured blocks",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(100) %}{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}"
            + "{% set ns.x = y %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        { "center", "{{ 'x'.center(999999999) }}", TemplateFault.MemoryLimit },
        { "center filter", "{{ 'x' | center(999999999) }}", TemplateFault.MemoryLimit },
        { "ljust", "{{ 'x'.ljust(999999999, '-') }}", TemplateFault.MemoryLimit },
        { "zfill", "{{ 'x'.zfill(999999999) }}", TemplateFault.MemoryLimit },
        { "indent", "{{ 'x' | indent(999999999, true) }}", TemplateFault.MemoryLimit },
        {
            "tojson indentation",
            "{% set ns = namespace(x=[]) %}{% for i in range(150) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
            + "{{ ns.x | tojson(indent=200) }}",
            TemplateFault.MemoryLimit
        },
        { "expandtabs", "{{ '\\t'.expandtabs(999999999) }}", TemplateFault.MemoryLimit },
        { "brace format width", "{{ '{:999999999}'.format(1) }}", TemplateFault.MemoryLimit },
        { "brace format precision", "{{ '{:.999999999f}'.format(1.5) }}", TemplateFault.MemoryLimit },
        { "percent format width", "{{ '%999999999d' % 1 }}", TemplateFault.MemoryLimit },
        { "percent format star", "{{ '%*d' % (999999999, 1) }}", TemplateFault.MemoryLimit },
        { "list times number", "{{ ([1] * 1000000000) | length }}", TemplateFault.MemoryLimit },
        {
            "list doubled",
            "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "list extended by itself",
            "{% set l = [1] %}{% for i in range(60) %}{% set _ = l.extend(l) %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "list that grows while visited",
            "{% set l = [1] %}{% for x in l %}{% set _ = l.append([x]) %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "sum of lists",
            "{% set ns = namespace(x=[[1]]) %}{% for i in range(60) %}"
            + "{% set ns.x = [ns.x | sum(start=[]), ns.x | sum(start=[])] %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        { "batch fill", "{{ [1] | batch(1000000000, 0) | list | length }}", TemplateFault.MemoryLimit },
        { "many slices", "{{ [1] | slice(1000000000) | list | length }}", TemplateFault.MemoryLimit },
        {
            "lists of lists of texts",
            "{% set l = [] %}{% for i in range(100000) %}{% set _ = l.append('abcdefghij' * 100) %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        {
            "maps",
            "{% set d = {} %}{% for i in range(100000) %}{% for j in range(100000) %}{% set _ = d.update({(i, j): i}) %}"
            + "{% endfor %}{% endfor %}",
            TemplateFault.MemoryLimit
        },
        { "output", "{% set t = 'x' * 1000000 %}{% for i in range(1000) %}{{ t }}{% endfor %}", TemplateFault.MemoryLimit },

        // depth
        { "macro without end", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", TemplateFault.Value },
        {
            "macros that call each other",
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
            TemplateFault.Value
        },
        { "caller without end", "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}", TemplateFault.Value },
        { "recursive loop without end", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", TemplateFault.Value },
        { "parentheses", "{{ " + new string('(', 50_000) + "1" + new string(')', 50_000) + " }}", TemplateFault.Value },
        { "lists", "{{ " + new string('[', 50_000) + new string(']', 50_000) + " }}", TemplateFault.Value },
        { "negations", "{{ " + string.Concat(Enumerable.Repeat("not ", 50_000)) + "1 }}", TemplateFault.Value },
        { "minuses", "{{ " + new string('-', 50_000) + "1 }}", TemplateFault.Value },
        { "ifs", string.Concat(Enumerable.Repeat("{% if 1 %}", 50_000)), TemplateFault.Value },
        { "sums", "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 50_000)) + " }}", TemplateFault.Value },
        { "filters", "{{ 1" + string.Concat(Enumerable.Repeat(" | abs", 50_000)) + " }}", TemplateFault.Value },
        { "attributes", "{{ n" + string.Concat(Enumerable.Repeat(".real", 50_000)) + " }}", TemplateFault.Value },
        {
            "printing what is deep",
            "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
            TemplateFault.Value
        },
        {
            "comparing what is deep",
            "{% set ns = namespace(x=[], y=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}"
            + "{% endfor %}{{ ns.x == ns.y }}",
            TemplateFault.Value
        },
        {
            "key that is deep",
            "{% set ns = namespace(x=()) %}{% for i in range(9999) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ {ns.x: 1} }}",
            TemplateFault.Value
        },
        {
            "key that doubles",
            "{% set ns = namespace(x=()) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
            TemplateFault.Value
        },
        { "tojson of itself", "{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}", TemplateFault.Value },
        {
            "comparison with itself inside",
            "{% set a = [] %}{% set b = [] %}{% set _ = a.append(b) %}{% set _ = b.append(a) %}{{ a == b }}",
            TemplateFault.Value
        },
        { "nested format", "{{ '{:{:{:{}}}}'.format(1, 2, 3, 4) }}", TemplateFault.Value },

        // numbers
        { "range", "{% for i in range(1000000000) %}{% endfor %}", TemplateFault.Value },
        { "range beyond long", "{% for i in range(10 ** 30) %}{% endfor %}", TemplateFault.Value },
        { "power", "{{ 9 ** 999999 }}", TemplateFault.Value },
        { "power of power", "{{ 9 ** (9 ** (9 ** 9)) }}", TemplateFault.Value },
        { "squares", "{% set ns = namespace(x=3) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", TemplateFault.Value },
        { "digits", "{{ 10 ** 5000 }}", TemplateFault.Value },
        { "long literal", "{{ " + new string('9', 100_000) + " }}", TemplateFault.Syntax },
        { "float of huge", "{{ (10 ** 400) | float }}", TemplateFault.Value },

        // the sandbox
        { "dunder attribute", "{{ ''.__class__.__mro__ }}", TemplateFault.Security },
        { "dunder item", "{{ ''['__class__'] }}", TemplateFault.Security },
        { "dunder filter", "{{ '' | attr('__class__') }}", TemplateFault.Security },
        { "dunder mapped", "{{ [''] | map(attribute='__class__') | first }}", TemplateFault.Security },
        { "dunder in format", "{{ '{0.__class__}'.format('') }}", TemplateFault.Security },
        { "dunder item in format", "{{ '{0[__class__]}'.format('') }}", TemplateFault.Security },
        { "dunder in format_map", "{{ '{a.__class__}'.format_map({'a': 1}) }}", TemplateFault.Security },
        { "dunder of method", "{{ ''.upper.__self__ }}", TemplateFault.Security },
        { "dunder of function", "{{ range.__globals__ }}", TemplateFault.Security },
        { "dunder of macro", "{% macro m() %}{% endmacro %}{{ m.__init__ }}", TemplateFault.Security },
        { "underscore of macro", "{% macro m() %}{% endmacro %}{{ m._func }}", TemplateFault.Security },
        { "dunder of loop", "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}", TemplateFault.Security },
        { "dunder of namespace", "{{ namespace().__class__ }}", TemplateFault.Security },
        { "dunder of cycler", "{{ cycler(1).__init__ }}", TemplateFault.Security },
        { "dunder of undefined", "{{ x.__class__ }}", TemplateFault.Security },
        { "dunder sorted by", "{{ ['', 'a'] | sort(attribute='__class__') }}", TemplateFault.Security },
        { "namespace of none", "{% set ns = none %}{% set ns.x = 1 %}", TemplateFault.Value },
        { "files", "{% include '/etc/passwd' %}", TemplateFault.Value },
    };

    /// <summary>They look bad but are not.</summary>
    public static TheoryData<string, string> Harmless { get; } = new()
    {
        { "{% set l = [1] %}{% set _ = l.append(l) %}{{ l }}{{ l == l }}", "[1, [...]]True" },
        { "{% set d = {} %}{% set _ = d.update({'d': d}) %}{{ d }}", "{'d': {...}}" },
        { "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", "<Namespace {'x': <Namespace {...}>}>" },
        { "{{ 'abc'[::10 ** 30] }}{{ 'abc'[0 - 10 ** 30:10 ** 30:2] }}{{ [1, 2, 3][::-99999999999] }}", "aac[3]" },
        { "{{ range(5)[::0 - 2 ** 62] | list }}{{ range(0, 10 ** 30, 10 ** 30) | length }}", "[4]1" },
        { "{{ 'a' * -5 }}{{ [1] * -1 }}{{ '' * 10 ** 30 }}{{ ([] * 10 ** 30) | length }}", "[]0" },
        { "{{ 1 ** 10 ** 30 }}{{ 0 ** 10 ** 30 }}{{ (-1) ** (10 ** 30 + 1) }}", "10-1" },
        { "{% set d = {'_a': 1} %}{{ d._a }}{{ d['_a'] }}", "11" },
        { "{{ 'x'.__class__ is defined }}{{ 'x'.__class__ | default('no') }}", "Falseno" },
        { "{% if 0 %}" + "{% elif 0 %}{{ x }}{% endif %}", "" },
        { "{{ [[1] * 3, 'x' * 3] | map('length') | list }}", "[3, 3]" },
        { "{{ 10 ** 4000 // 10 ** 3999 }}", "10" },
    };
}
