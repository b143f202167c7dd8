namespace Osmo.Workflows.Tests.Templates.Jinja;

/// <summary>
/// Random expressions of a wanted type over the documented subset. Most of them compute; now and then one has operands of the wrong type.
/// </summary>
internal sealed class ExpressionGenerator(Random random)
{
    private const int WrongTypeOneIn = 40;

    private static readonly string[] Integers = ["0", "1", "2", "3", "7", "10", "-1", "-4", "0x1F", "0b101", "0o17", "1_000", "9007199254740993", "123456789012345678901234567890"];
    private static readonly string[] Floats = ["0.5", "2.5", "1.0", "3.75", "1e3", "1e-7", "1e16", "1.5E+3", "0.1", "2.675", "1_0.2_5", "123456.789"];
    private static readonly string[] Texts =
    [
        "''", "'a'", "\"b\"", "'train'", "'Hello World'", "'it\\'s'", "\"it's\"", "'say \"x\"'", "'a,b,c'", "' pad '", "'x\\ny\\nz'", "'t\\tt'", "'\\u00e9t\\xe9'",
        "'naïve Straße'", "'日本'", "'😀x'", "'back\\\\slash'", "'42'", "'-7.5'", "'0x1f'", "'1e3'", "'foo-bar_baz qux'", "'<a href=\"x\">T &amp; U</a>'", "'AbC'", "'ab' 'cd'",
        "'one two  three\\tfour'", "'%'", "'{}'", "'a/b c?d=e&f'", "'\\101\\0'", "'\\q'",
    ];

    private readonly List<(string Name, Kind Kind)> _names =
    [
        ("n", Kind.Number), ("zero", Kind.Number), ("neg", Kind.Number), ("big", Kind.Number), ("rate", Kind.Number), ("half", Kind.Number),
        ("name", Kind.Text), ("empty", Kind.Text), ("words", Kind.Text), ("unicode", Kind.Text), ("lines", Kind.Text),
        ("nums", Kind.List), ("items", Kind.List), ("mixed", Kind.List), ("none_list", Kind.List), ("nested", Kind.List), ("people", Kind.Records),
        ("limits", Kind.Map), ("conf", Kind.Map), ("yes", Kind.Any), ("no", Kind.Any), ("nothing", Kind.Any),
    ];

    internal enum Kind
    {
        Number = 1,
        Text,
        List,
        Records,
        Map,
        Any,
    }

    public int Pick(int count) => random.Next(count);

    public string Pick(params ReadOnlySpan<string> choices) => choices[random.Next(choices.Length)];

    /// <summary>Names that a block adds; they are gone after <see cref="Forget"/>.</summary>
    public int Remember(params ReadOnlySpan<(string Name, Kind Kind)> names)
    {
        var mark = _names.Count;
        _names.AddRange(names);
        return mark;
    }

    public void Forget(int mark) => _names.RemoveRange(mark, _names.Count - mark);

    public string Any(int depth) => Pick(9) switch
    {
        0 or 1 => Number(depth),
        2 or 3 => Text(depth),
        4 => List(depth),
        5 => Truth(depth),
        6 => Map(depth),
        7 => Name(Kind.Any),
        _ => Choice(depth),
    };

    public string Number(int depth)
    {
        if (depth <= 0 || Pick(4) == 0)
        {
            return Pick(3) switch { 0 => Name(Kind.Number), 1 => Pick(Floats), _ => Pick(Integers) };
        }

        var d = depth - 1;
        return Wrong(d) ?? Pick(16) switch
        {
            0 or 1 or 2 => $"{Number(d)} {Pick("+", "-", "*", "/", "//", "%")} {Number(d)}",
            3 => $"({Number(d)} {Pick("+", "-", "*")} {Number(d)})",
            4 => $"{Pick("2", "10", "0x1F", "n", "2.5", "-3")} ** {Pick("0", "1", "2", "3", "-1", "-2")}",
            5 => $"-{Number(d)}",
            6 => $"({Number(d)}) | {Pick("abs", "int", "float", "round", "round(1)", "round(2, 'floor')", "round(method='ceil')", "round(-1)", "round(precision=3)")}",
            7 => $"({Text(d)}) | {Pick("length", "count", "wordcount", "int", "float", "int(5)", "int(default=-1, base=16)", "float(default=1.5)")}",
            8 => $"({List(d)}) | {Pick("length", "count")}",
            9 => $"{Numbers(d)} | {Pick("sum", "min", "max", "sum(start=10)", "first", "last")}",
            10 => $"{TextOperand(d)}.{Pick("find", "rfind", "count", "find")}({Text(0)}{Pick("", "", ", 1", ", 0, 3", ", -2")})",
            11 => $"{Pick("nums", "items", "mixed", "[1, 2, 2]", "(1, 2)")}.{Pick("count", "index")}({Pick("1", "2", "'a'", "none")})",
            12 => $"people | {Pick("sum(attribute='age')", "sum(attribute='age', start=1)", "map(attribute='age') | sum", "map(attribute='age') | max")}",
            13 => $"{Pick("conf.ports[0]", "conf['ports'].1", "conf.deep.er.x", "limits.n", "nested[1][0]", "nested.0.1", "people[0].age", "limits['n']", "conf.deep['er'].x")}",
            14 => $"+{Number(d)}",
            _ => Choice(d, Number),
        };
    }

    public string Text(int depth)
    {
        if (depth <= 0 || Pick(4) == 0)
        {
            return Pick(3) == 0 ? Name(Kind.Text) : Pick(Texts);
        }

        var d = depth - 1;
        return Wrong(d) ?? Pick(21) switch
        {
            0 or 1 => $"{Text(d)} ~ {Any(d)}{(Pick(3) == 0 ? $" ~ {Number(0)}" : "")}",
            2 => $"{Text(d)} + {Text(d)}",
            3 => $"{TextOperand(d)} * {Pick("0", "1", "2", "3", "-1", "true")}",
            4 or 5 or 6 => $"(({Text(d)}) | {TextFilter()})",
            7 or 8 or 9 => $"{TextOperand(d)}.{TextMethod()}",
            10 => $"{TextOperand(d)}[{Slice()}]",
            11 => $"{Name(Kind.Text)}[{Pick("0", "-1", "1", "99")}]",
            12 => PercentFormat(d),
            13 => BraceFormat(d),
            14 or 15 => $"({List(d)}) | join{Pick("", "(',')", "('-')", "(d=', ')", "(n)")}",
            16 => $"(({Any(d)}) | {Pick("string", "tojson", "tojson(indent=2)", "e", "string | upper")} ~ '')",
            17 => $"(({Number(d)}) | pprint)",
        18 => $"{Pick("conf.user", "conf['user']", "limits.exec_timeout", "people[0].name", "people[-1]['name']", "conf.deep.er.name", "conf | attr('user') | default('none')")}",
            19 => $"people | {Pick("map(attribute='name') | join(', ')", "join(', ', attribute='name')", "map(attribute='nick', default='-') | join('|')")}",
            _ => Choice(d, Text),
        };
    }

    public string List(int depth)
    {
        if (depth <= 0)
        {
            return Pick(3) == 0 ? Pick("[]", "[1, 2, 3]", "['b', 'A', 'c']", "(1, 'x')", "()", "(3,)", "[none, true, 1.5]", "[[1, 2], [3]]", "[1, 1.0, true]") : Name(Kind.List);
        }

        var d = depth - 1;
        return Wrong(d) ?? Pick(18) switch
        {
            0 => $"[{Any(d)}, {Any(d)}{Pick("", ",")}]",
            1 => $"({Any(d)}, {Any(d)})",
            2 => $"{Listed(d)} + {Listed(d)}",
            3 => $"{Listed(d)} * {Pick("0", "2", "-1", "true")}",
            4 => $"{Listed(d)}[{Slice()}]",
            5 or 6 => $"{Numbers(d)} | {Pick("sort", "sort(reverse=true)", "unique", "reverse", "select('odd')", "reject('even')", "map('string')", "select('gt', 2)", "map('float')", "select('divisibleby', 2)")} | list",
            7 => $"{Strings(d)} | {Pick("sort", "sort(case_sensitive=true)", "sort(true)", "unique", "unique(true)", "map('upper')", "select", "reject('equalto', 'a')", "map('replace', 'a', 'X')", "map('length')", "select('in', 'abc')")} | list",
            8 => $"({List(d)}) | {Pick("batch(2)", "batch(2, 'x')", "batch(linecount=3, fill_with=0)", "slice(2)", "slice(3, 'f')", "slice(slices=2)", "reverse", "list")} | list",
            9 => $"({Map(d)}) | {Pick("dictsort", "list", "items | list", "dictsort(false, 'value')", "dictsort(reverse=true)", "dictsort(by='key', case_sensitive=true)")}",
            10 => $"people | {Pick("sort(attribute='age')", "sort(attribute='name', reverse=true)", "sort(attribute='team,age')", "selectattr('age', 'gt', 30)", "rejectattr('admin')", "selectattr('admin')", "selectattr('team', 'equalto', 'red')", "unique(attribute='team')", "groupby('team')", "groupby('team', case_sensitive=true)", "groupby('nick', default='zz')")} | list",
            11 => $"{TextOperand(d)}.{Pick("split()", "split(',')", "rsplit(' ', 1)", "splitlines()", "split(maxsplit=1)", "splitlines(true)", "partition('a')", "rpartition(' ')", "rsplit(none, 1)", "split(sep='a', maxsplit=1)")}",
            12 => $"({Text(d)}) | list",
            13 => $"range({Pick("3", "5", "n", "1, 4", "0, 10, 3", "5, 0, -2", "0")}) | list",
            14 => $"({Map(d)}).{Pick("keys()", "values()", "items()")} | list",
            15 => $"{Map(0)}.items() | {Pick("list", "sort", "map('first') | list", "map(attribute=1) | list")}",
            16 => Pick("nested | map('first') | list", "nested | map(attribute=0) | list", "nested | sum(start=[])", "(nums + items) | map('string') | list", "people | map('length') | list"),
            _ => Choice(d, List),
        };
    }

    public string Map(int depth)
    {
        if (depth <= 0)
        {
            return Pick(2) == 0 ? Name(Kind.Map) : Pick("{}", "{'a': 1}", "{'b': 2, 'a': [1]}", "{1: 'x', 'k': none}", "{'B': 'y', 'a': 'X'}", "{(1, 2): 3}", "{1: 'a', true: 'b', 1.0: 'c'}");
        }

        var d = depth - 1;
        return Pick(5) switch
        {
            0 => $"{{'x': {Any(d)}, {Text(0)}: {Any(d)}}}",
            1 => $"dict({Pick("a", "z")}={Any(d)}, q={Number(0)})",
            2 => $"dict({Map(0)}, {Pick("a", "z")}={Any(d)})",
            3 => $"dict([('k', {Any(d)}), ('l', 2)])",
            _ => Choice(d, Map),
        };
    }

    public string Truth(int depth)
    {
        if (depth <= 0)
        {
            return Pick("true", "false", "True", "False", "yes", "no", "nothing", "none", "n", "empty", "items", "[]");
        }

        var d = depth - 1;
        return Pick(16) switch
        {
            0 or 1 => $"{Number(d)} {Compare()} {Number(d)}",
            2 => $"{Text(d)} {Compare()} {Text(d)}",
            3 => $"{Any(d)} {Pick("==", "!=")} {Any(d)}",
            4 => $"{Text(0)} {Pick("in", "not in")} {Text(d)}",
            5 => $"{Any(0)} {Pick("in", "not in")} {Listed(d)}",
            6 => $"{Text(0)} in {Map(d)}",
            7 => $"({Truth(d)} {Pick("and", "or")} {Truth(d)})",
            8 => $"not {Truth(d)}",
            9 => $"{Number(0)} {Compare()} {Number(0)} {Compare()} {Number(0)}",
            10 => $"({Any(d)}) is {Pick("", "", "not ")}{AnyTest()}",
            11 => $"({Number(d)}) is {Pick("", "not ")}{Pick("even", "odd", "divisibleby 3", "divisibleby(2)", "gt 2", "lt(5)", "ge 1", "eq 3", "in [1, 2, 3]", "number", "integer", "float", "le(2.5)", "ne 1", "greaterthan(2)")}",
            12 => $"({Text(d)}) is {Pick("", "not ")}{Pick("upper", "lower", "string", "in 'abcdef'", "equalto 'a'", "sequence", "iterable")}",
            13 => $"{Pick("missing", "n", "conf.nope", "items[9]", "limits.n")} is {Pick("", "not ")}{Pick("defined", "undefined")}",
            14 => $"{Listed(d)} {Pick("==", "!=", "<", ">=")} {Listed(d)}",
            _ => $"{TextOperand(d)}.{Pick("isdigit()", "isalpha()", "isupper()", "islower()", "istitle()", "isspace()", "isalnum()", "isnumeric()", "isidentifier()", "isascii()", "startswith('a')", "endswith(('a', 'n'))", "startswith('r', 1)")}",
        };
    }

    private string AnyTest() => Pick(
        "defined", "none", "string", "number", "mapping", "sequence", "iterable", "boolean", "true", "false", "callable", "sameas none", "sameas true", "integer", "float", "escaped");

    private string Compare() => Pick("==", "!=", "<", "<=", ">", ">=");

    private string Slice() => Pick("1:", ":2", "1:3", "::-1", "::2", "-2:", ":-1", "3:1", "0:99:3", ":", "-1::-2", "n:", "2:0:-1");

    private string Name(Kind kind)
    {
        var known = _names.Where(name => name.Kind == kind).ToList();
        return known[random.Next(known.Count)].Name;
    }

    private string Numbers(int depth) => Pick("nums", "[3, 1, 2]", "[2.5, 1, -3]", "range(5)", "(5, 4)", $"[{Number(depth)}, {Number(0)}]", "none_list", "nums[1:]");

    private string Strings(int depth) => Pick("items", "['b', 'A', 'c', 'a']", $"[{Text(depth)}, {Text(0)}]", "words.split()", "['x', '', 'Y']");

    private string Listed(int depth) => Pick("nums", "items", "mixed", $"[{Any(depth)}]", "[1, 'a']", "nested", $"({Pick("nums", "items")})", "(1, 2)", "none_list");

    private string TextOperand(int depth) => Pick(3) switch { 0 => Name(Kind.Text), 1 => Pick(Texts), _ => $"({Text(depth)})" };

    private string Choice(int depth) => Choice(depth, Any);

    private string Choice(int depth, Func<int, string> of) => Pick(4) switch
    {
        0 => $"({of(depth)} if {Truth(depth)} else {of(depth)})",
        1 => $"({Pick("missing", "conf.nope", "items[9]", "nothing", "empty")} | default({of(depth)}{Pick("", ", true", ", boolean=true")}))",
        2 => $"({of(depth)} {Pick("or", "and")} {of(depth)})",
        _ => of(depth),
    };

    private string? Wrong(int depth) => random.Next(WrongTypeOneIn) == 0 ? Pick(8) switch
    {
        0 => Any(depth),
        1 => $"({Any(depth)}) {Pick("+", "-", "*", "/", "%", "<")} ({Any(depth)})",
        2 => Pick("missing", "conf.nope", "missing.attribute", "items[99]", "conf['zz']", "missing[0]", "nothing.x", "n.foo", "name.nope()"),
        3 => Pick("''.__class__", "conf.__class__", "name['__class__']", "n.__add__", "'{0.__class__}'.format(n)", "items | attr('__len__')", "items | map(attribute='__class__') | list"),
        4 => $"({Any(depth)}) | {Pick("upper", "length", "sort", "sum", "join", "int", "first", "list", "round", "abs", "trim", "items | list", "dictsort", "reverse | list", "indent", "truncate", "map('upper') | list")}",
        5 => $"({Any(depth)}).{Pick("upper()", "items()", "x", "0", "append(1)", "split(1)", "join(5)")}",
        6 => $"({Any(depth)})[{Any(0)}]",
        _ => $"({Any(depth)}) is {Pick("even", "divisibleby 0", "lower", "in nums", "lt 'a'", "test", "filter", "divisibleby", "defined(1)")}",
    } : null;

    private string TextFilter() => Pick(
        "upper", "lower", "title", "capitalize", "trim", "trim('ab')", "trim(chars='x')", "replace('a', 'b')", "replace('a', '', 1)", "replace(old='l', new='L', count=1)", "center(20)",
        "center(width=9)", "indent", "indent(2, true)", "indent(width='> ', blank=true)", "indent(first=true)", "truncate(9)", "truncate(9, true)", "truncate(6, false, '..', 0)",
        "truncate(length=8, end='#')", "wordwrap(8)", "wordwrap(6, false)", "wordwrap(width=5, wrapstring='|')", "reverse", "first | default('-')", "last | default('-')", "urlencode",
        "striptags", "e ~ ''", "escape ~ ''", "string", "safe ~ ''", "forceescape ~ ''", "format", "upper | lower | title", "replace('', '.')", "tojson ~ ''", "list | join('.')", "default('q')", "d('q', true)");

    private string TextMethod() => Pick(
        "upper()", "lower()", "title()", "capitalize()", "swapcase()", "strip()", "lstrip()", "rstrip('nx')", "strip('a')", "replace('a', 'b')", "replace('l', 'LL', 1)", "center(12)",
        "center(11, '*')", "ljust(10, '.')", "rjust(10)", "zfill(8)", "casefold()", "removeprefix('tr')", "removesuffix('in')", "expandtabs(4)", "join(['1', '2'])", "join('abc')",
        "split(',') | join('+')", "partition(',') | join('<')", "upper().lower()", "replace('', '-')", "strip(' a')", "format(1)");

    private string PercentFormat(int depth) => Pick(10) switch
    {
        0 => $"'%s and %s' % ({Any(depth)}, {Any(depth)})",
        1 => $"'%d' % ({Number(depth)})",
        2 => $"'%{Pick("5", "-8", "+", "05", " ", "+07", "08")}{Pick("d", "i", "x", "o", "X")}' % ({Pick(Integers)})",
        3 => $"'%{Pick("", ".2", "8.3", "-10.1", "+.0", "010.2", "#.0", ".10")}{Pick("f", "e", "g", "E", "G")}' % ({Number(depth)})",
        4 => $"'%(n)s-%(name)5s' % {{'n': {Any(depth)}, 'name': {Text(0)}}}",
        5 => $"'%r|%-6s|%.2s' % ({Any(depth)}, {Text(0)}, {Text(0)})",
        6 => $"'%s=%03d' | format({Text(depth)}, {Pick(Integers)})",
        7 => $"'%(a)s%%' | format(a={Any(depth)})",
        8 => $"'%c%c %#x %a' % ('x', 65, 255, {Text(0)})",
        _ => $"'%s%s' % ({Any(depth)},)",
    };

    private string BraceFormat(int depth) => Pick(9) switch
    {
        0 => $"'{{}} {{}}'.format({Any(depth)}, {Any(depth)})",
        1 => $"'{{0}}-{{1}}-{{0}}'.format({Any(depth)}, {Text(0)})",
        2 => $"'{{a}} {{b!r}}'.format(a={Any(depth)}, b={Text(0)})",
        3 => $"'{{:{Pick(">10", "<8", "^9", "*^12", "5", "s", ".3", "08", "é>6")}}}|'.format({Text(depth)})",
        4 => $"'{{:{Pick("d", "5d", "+d", "x", "#x", "b", "o", ",", "_", "08d", "<6", "^+8", ",d", "#010x", "09,", "n", "c")}}}'.format({Pick(Integers)})",
        5 => $"'{{:{Pick(".2f", "10.3f", "e", ".3g", "g", "%", ".1%", "+.0f", "08.2f", ",.2f", ".3", "", "_.1f", "#.0f", "G", "n", ".12")}}}'.format({Number(depth)})",
        6 => "'{0.name} {1[a]} {2[0]}'.format(people[0], {'a': 1}, nums)",
        7 => $"'{{:{{w}}.{{p}}f}}'.format({Pick(Floats)}, w={Pick("8", "3")}, p={Pick("1", "4")})",
        _ => $"'{{{{}}}} {{0!s:>4}}'.format({Any(depth)})",
    };
}
