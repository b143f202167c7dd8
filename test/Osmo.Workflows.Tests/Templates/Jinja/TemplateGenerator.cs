using System.Text;
using System.Text.Json.Nodes;
using Kind = Osmo.Workflows.Tests.Templates.Jinja.ExpressionGenerator.Kind;

namespace Osmo.Workflows.Tests.Templates.Jinja;

/// <summary>Random templates over the documented subset (contract: workflow-spec §4.1): the same seed gives the same templates.</summary>
internal sealed class TemplateGenerator
{
    private const int Depth = 2;

    private readonly ExpressionGenerator _e;
    private int _names;

    private TemplateGenerator(int seed)
    {
#pragma warning disable CA5394 // a reproducible sequence is what is wanted
        _e = new ExpressionGenerator(new Random(seed));
#pragma warning restore CA5394
    }

    /// <summary>What every generated template may read.</summary>
    public static JsonObject Variables { get; } = JsonNode.Parse("""
        {
          "n": 3, "zero": 0, "neg": -7, "big": 123456789012345678901234567890, "rate": 0.001, "half": 2.5,
          "name": "train", "empty": "", "words": "The quick brown Fox jumps over-the lazy dog", "unicode": "Ünïcode ß 日本 😀", "lines": "first\n\n  second\nthird\n",
          "nums": [5, 3, 8, 3, 1], "items": ["a", "b", "C"], "mixed": [1, "a", 2.5, null, true], "none_list": [], "nested": [[1, 2], [3, 4], [5]],
          "people": [
            {"name": "ann", "age": 31, "team": "red", "admin": true}, {"name": "Bob", "age": 25, "team": "blue", "admin": false},
            {"name": "cid", "age": 44, "team": "Red", "admin": false, "nick": "C"}],
          "limits": {"exec_timeout": "10m", "n": 1, "b": true}, "yes": true, "no": false, "nothing": null,
          "conf": {"user": "root", "ports": [80, 443], "deep": {"er": {"x": 1.5, "name": "it's"}}, "items": "shadow"}
        }
        """)!.AsObject();

    public static IEnumerable<string> Generate(int seed, int count)
    {
        var generator = new TemplateGenerator(seed);
        for (var i = 0; i < count; i++)
        {
            generator._names = 0;
            var mark = generator._e.Remember();
            yield return generator.Body(Depth, 1 + generator._e.Pick(2));
            generator._e.Forget(mark);
        }
    }

    private string Body(int depth, int statements)
    {
        var text = new StringBuilder();
        for (var i = 0; i < statements; i++)
        {
            text.Append(Statement(depth));
            text.Append(_e.Pick(3) == 0 ? Data() : "");
        }

        return text.ToString();
    }

    private string Inner(int depth)
    {
        var mark = _e.Remember();
        var body = Body(depth - 1, 1 + _e.Pick(2));
        _e.Forget(mark);
        return body;
    }

    private string Statement(int depth)
    {
        if (depth <= 0 || _e.Pick(3) == 0)
        {
            return Print(Math.Max(depth, 1));
        }

        return _e.Pick(16) switch
        {
            0 or 1 or 2 => For(depth),
            3 or 4 => If(depth),
            5 => Set(depth),
            6 => $"{Open()} set blk{++_names} {(_e.Pick(2) == 0 ? "| upper " : "")}{Close()}{Inner(depth)}{Open()} endset {Close()}{{{{ blk{_names} }}}}",
            7 or 8 => Macro(depth),
            9 => $"{Open()} with a = {_e.Any(1)}, b = {_e.Number(1)} {Close()}{Inner(depth)}{{{{ a }}}}{{{{ b }}}}{Open()} endwith {Close()}",
            10 => $"{Open()} filter {_e.Pick("upper", "lower", "trim", "indent(2)", "replace('a', 'b')", "title | reverse")} {Close()}{Inner(depth)}{Open()} endfilter {Close()}",
            11 => $"{Open()} raw {Close()}{_e.Pick("{{ x }}", "{% if %}", "{# c #}", " }} ", "${#a[@]}")}{Open()} endraw {Close()}",
            12 => _e.Pick("{# comment {{ x }} #}", "{#- strip -#}", "{#+ keep +#}", "{##}", "{#-#}"),
            13 => Namespace(depth),
            14 => Mutation(),
            _ => Odd(depth),
        };
    }

    private string Print(int depth) => $"{_e.Pick("{{", "{{ ", "{{- ", "{{+ ")}{Spaced(_e.Any(depth))}{_e.Pick("}}", " }}", " -}}")}";

    /// <summary>A map's closing brace must not run into the tag's.</summary>
    private static string Spaced(string expression) => expression is ['{' or '-' or '+', ..] || expression.EndsWith('}') ? $" {expression} " : expression;

    private string Open() => _e.Pick("{%", "{%", "{%-", "{%+");

    private string Close() => _e.Pick("%}", "%}", "-%}", "+%}");

    private string Data() => _e.Pick(" ", "\n", "text", "  a: b\n", "\n\n", " { } ", "- item\n  ", "\t", "%}", "}}", "# not a comment\n", "\r\n", "é");

    private string For(int depth)
    {
        var mark = _e.Remember();
        var (header, names) = _e.Pick(6) switch
        {
            0 => ("i in range(" + _e.Pick("3", "n", "1, 4", "0") + ")", ((string, Kind)[])[("i", Kind.Number)]),
            1 => ("x in " + _e.List(1), [("x", Kind.Any)]),
            2 => ("k, v in " + _e.Pick("limits.items()", "conf.items()", "{'a': 1, 'b': 2}.items()", "conf | dictsort", "conf | items"), [("k", Kind.Text), ("v", Kind.Any)]),
            3 => ("p in people", [("p", Kind.Map)]),
            4 => ("(a, b) in [(1, 'x'), (2, 'y')]", [("a", Kind.Number), ("b", Kind.Text)]),
            _ => ("c in " + _e.Text(0), [("c", Kind.Text)]),
        };
        _e.Remember(names);
        var filter = _e.Pick(4) == 0 ? " if " + _e.Truth(1) : "";
        var loop = _e.Pick(2) == 0 ? "{{ loop." + _e.Pick("index", "index0", "first", "last", "length", "revindex", "revindex0", "depth", "previtem | default('-')", "nextitem is defined", "cycle('o', 'e')", "changed(loop.index // 2)") + " }}" : "";
        var body = (_e.Pick(3) == 0 ? "{% set n = 99 %}" : "") + loop + Inner(depth) + (_e.Pick(3) == 0 ? "{% if not loop.last %}, {% endif %}" : "");
        _e.Forget(mark);
        var otherwise = _e.Pick(4) == 0 ? $"{Open()} else {Close()}{Inner(depth)}" : "";
        return $"{Open()} for {header}{filter} {Close()}{body}{otherwise}{Open()} endfor {Close()}";
    }

    private string If(int depth)
    {
        var text = new StringBuilder($"{Open()} if {_e.Truth(2)} {Close()}{Inner(depth)}");
        for (var i = _e.Pick(3); i > 0; i--)
        {
            text.Append($"{Open()} elif {_e.Truth(1)} {Close()}{Inner(depth)}");
        }

        text.Append(_e.Pick(2) == 0 ? $"{Open()} else {Close()}{Inner(depth)}" : "");
        return text.Append($"{Open()} endif {Close()}").ToString();
    }

    private string Set(int depth)
    {
        var name = $"s{++_names}";
        switch (_e.Pick(4))
        {
            case 0:
                var number = $"{Open()} set {name} = {_e.Number(depth)} {Close()}";
                _e.Remember((name, Kind.Number));
                return number;
            case 1:
                var text = $"{Open()} set {name} = {_e.Text(depth)} {Close()}";
                _e.Remember((name, Kind.Text));
                return text;
            case 2:
                return $"{Open()} set {name}, {name}b = {_e.Any(1)}, {_e.Any(1)} {Close()}{{{{ {name}b }}}}{{{{ {name} }}}}";
            default:
                return $"{Open()} set {name} = {_e.Any(1)}, {_e.Any(1)} {Close()}{{{{ {name} }}}}";
        }
    }

    private string Macro(int depth)
    {
        var name = $"m{++_names}";
        var mark = _e.Remember(("a", Kind.Any));
        var signature = _e.Pick("a", "a, b='z'", "a, b=a, c=none", "a=1, b=[1, 2]");
        var extra = _e.Pick("", "", "{{ varargs }}", "{{ kwargs }}", "{{ b is defined }}", "{{ varargs | length }}{{ kwargs | dictsort }}");
        var caller = _e.Pick(3) == 0;
        var body = $"<{{{{ a }}}}{extra}{Inner(depth - 1)}{(caller ? _e.Pick("{{ caller() }}", "{{ caller(1) }}", "{% if caller %}{{ caller() }}{% endif %}") : "")}>";
        _e.Forget(mark);
        var arguments = _e.Pick($"{_e.Any(1)}", $"{_e.Any(1)}, {_e.Any(0)}", $"a={_e.Any(1)}", $"{_e.Any(0)}, b={_e.Any(0)}", "1, 2, 3, 4", "1, z=5", "", "*[1, 2]", "**{'a': 4}", "*nums, **limits");
        var call = caller
            ? $"{Open()} call{_e.Pick("", "", "(x)", "(x=2)")} {name}({arguments}) {Close()}in{Inner(depth - 1)}{Open()} endcall {Close()}"
            : $"{{{{ {name}({arguments}) }}}}";
        return $"{Open()} macro {name}({signature}) {Close()}{body}{Open()} endmacro {Close()}{call}{_e.Pick("", "", $"{{{{ {name}.name }}}}{{{{ {name}.arguments }}}}", $"{{{{ {name}.catch_kwargs }}}}")}";
    }

    private string Namespace(int depth)
    {
        var name = $"ns{++_names}";
        return $"{Open()} set {name} = namespace(c=0{_e.Pick("", ", t='x'")}) {Close()}{Open()} for i in {_e.Pick("range(3)", "nums", "items | map('length')")} {Close()}"
            + $"{Open()} set {name}.c = {name}.c + {_e.Pick("i", "1", "loop.index")} {Close()}{Inner(depth - 1)}{Open()} endfor {Close()}{{{{ {name}.c }}}}{_e.Pick("", $"{{{{ {name} }}}}", $"{{{{ {name}.zz is defined }}}}")}";
    }

    private string Mutation() => _e.Pick(
        "{% set l = [1] %}{% set _ = l.append(2) %}{{ l }}{{ l.pop() }}{{ l }}",
        "{% set l = [3, 1, 2] %}{{ l.sort() }}{{ l }}{{ l.reverse() }}{{ l }}{{ l.index(1) }}",
        "{% set l = nums.copy() %}{{ l.extend([7, 8]) }}{{ l.insert(1, 'q') }}{{ l.remove(3) }}{{ l }}",
        "{% set d = {'a': 1} %}{{ d.update({'b': 2}) }}{{ d.update(c=3) }}{{ d.setdefault('a', 9) }}{{ d.setdefault('z', 9) }}{{ d }}",
        "{% set d = {'a': 1, 'b': 2} %}{{ d.pop('a') }}{{ d.pop('zz', 'gone') }}{{ d.get('b') }}{{ d.get('q') }}{{ d.get('q', 5) }}{{ d }}",
        "{% set l = [1] %}{% set _ = l.append(l) %}{{ l }}",
        "{% set d = {} %}{% set _ = d.update({'d': d}) %}{{ d }}",
        "{% set l = [1, 2] %}{% for x in l %}{% if x < 4 %}{% set _ = l.append(x + 2) %}{% endif %}{{ x }}{% endfor %}",
        "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}",
        "{% set j = joiner('; ') %}{% for x in items %}{{ j() }}{{ x }}{% endfor %}",
        "{{ limits.keys() }}{{ limits.values() }}{{ limits.items() }}{{ range(3) }}{{ range(0, 9, 2) }}",
        "{% set k = limits.keys() %}{{ limits.update(z=1) }}{{ k }}{{ 'z' in k }}{{ k | length }}",
        "{{ l }}{% set l = 1 %}",
        "{% for p in people recursive %}{{ p.name }}{% if loop.depth < 2 %}[{{ loop(people[1:]) }}]{% endif %}{% endfor %}");

    /// <summary>Faults and corners.</summary>
    private string Odd(int depth) => _e.Pick(40) switch
    {
        0 => "{{ missing }}",
        1 => "{{ missing.x }}",
        2 => $"{{{{ {_e.Any(1)} | nosuch }}}}",
        3 => $"{{% if no %}}{{{{ {_e.Any(0)} | nosuch }}}}{{% endif %}}",
        4 => "{{ 1 is nosuch }}",
        5 => $"{{{{ {_e.Any(1)} ",
        6 => "{% if yes %}",
        7 => "{% endif %}",
        8 => "{% for %}{% endfor %}",
        9 => "{% do x %}",
        10 => "{{ }}",
        11 => "{{ ) }}",
        12 => "{{ [1, 2 }}",
        13 => "{% set %}",
        14 => "{% set 5 = 1 %}",
        15 => "{{ 'a }}",
        16 => "{# open",
        17 => "{% raw %} open",
        18 => "{{ a b }}",
        19 => "{{ 1 if }}",
        20 => "{% for loop in nums %}{% endfor %}",
        21 => "{% macro m(a=1, b) %}{% endmacro %}",
        22 => "{{ x.__class__ is defined }}{{ ''.__class__ is defined }}{{ ''.__class__ | default('d') }}",
        23 => "{{ ('x' if no) }}|{{ ('x' if no) | default('d') }}|{{ ('x' if no) ~ 'y' }}|{{ ('x' if no) | length }}",
        24 => "{{ ('x' if no) + 1 }}",
        25 => "{{ [missing] }}{{ {'a': missing} }}",
        26 => "{% print 1, 'a' %}{{ 1, 2 }}{{ (1,) }}{{ () }}",
        27 => "{% block b %}{{ n }}{% endblock %}",
        28 => "{% block b %}{% endblock %}{% block b %}{% endblock %}",
        29 => "{% include 'x' %}",
        30 => "{{ 012 }}",
        31 => "{{ 1._2 }}",
        32 => "{{ conf.items() | length }}{{ conf['items'] }}",
        33 => "{{ 5 is divisibleby 0 }}",
        34 => "{% call n() %}{% endcall %}{% call 5 %}{% endcall %}",
        35 => "{{ 2 ** 3 ** 2 }}{{ -2 ** 2 }}{{ not 1 == 2 }}{{ 1 + 2 ~ 3 * 4 }}{{ -1 | abs }}{{ 7 // -2 }}{{ -7 % 3 }}{{ 1 < 2 < 3 }}{{ 1 - -1 }}",
        36 => "{{ nums.0 }}{{ nested.1.0 }}{{ nums[-1] }}{{ conf['deep'].er['x'] }}{{ people.0.name }}",
        37 => "{{ range(200000) | length }}",
        38 => "{{ 'a' 'b' }}{{ 'x' is string and yes or no }}{{ (yes and no) or 'z' }}",
        _ => $"{{{{ {_e.Text(depth)} }}}}{{{{ {_e.Map(depth)} }}}}",
    };
}
