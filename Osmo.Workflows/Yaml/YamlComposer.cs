using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Osmo.Workflows.Yaml;

/// <summary>Builds values from parser events; faults are <see cref="YamlException"/> with the mark of the fault.</summary>
internal sealed class YamlComposer(Parser parser, string text, int lineOffset)
{
    private const string StandardTag = "tag:yaml.org,2002:";

    private readonly Dictionary<AnchorName, (YamlValue Value, long Size)?> _anchors = [];
    private readonly YamlTabCheck _tabs = new(text);
    private int _flowDepth;

    public YamlValue ComposeDocument()
    {
        YamlValue root = new YamlValue.Null();
        Next<StreamStart>();
        if (Advance() is DocumentStart)
        {
            Advance();
            root = Compose(depth: 0, out _);
            Next<DocumentEnd>();
            if (Advance() is DocumentStart second)
            {
                throw new SemanticErrorException(second.Start, second.End, "Expected a single document, but another one starts here.");
            }
        }

        _tabs.Finish();
        return root;
    }

    private ParsingEvent Advance()
    {
        if (!parser.MoveNext() || parser.Current is not { } current)
        {
            throw new YamlException("The text ends too early.");
        }

        _tabs.Visit(current);
        return current;
    }

    private void Next<T>() where T : ParsingEvent
    {
        if (Advance() is not T)
        {
            throw new SemanticErrorException(parser.Current!.Start, parser.Current.End, "The document is not well formed.");
        }
    }

    /// <summary>Composes the value that starts at the current event; <paramref name="size"/> counts its values with aliases written out.</summary>
    private YamlValue Compose(int depth, out long size)
    {
        var start = parser.Current!;
        if (depth > YamlReader.MaxDepth)
        {
            throw new SemanticErrorException(start.Start, start.End, $"Lists and maps are nested more than {YamlReader.MaxDepth} deep.");
        }

        if (start is AnchorAlias alias)
        {
            return Alias(alias, out size);
        }

        var anchor = ((NodeEvent)start).Anchor;
        if (!anchor.IsEmpty && !_anchors.TryAdd(anchor, null))
        {
            throw new SemanticErrorException(start.Start, start.End, $"The anchor '{anchor.Value}' is defined twice.");
        }

        var value = start switch
        {
            Scalar scalar => ComposeScalar(scalar, out size),
            SequenceStart sequence => ComposeList(sequence, depth, out size),
            MappingStart mapping => ComposeMap(mapping, depth, out size),
            _ => throw new SemanticErrorException(start.Start, start.End, "Expected a value."),
        };
        if (size > YamlReader.MaxValues)
        {
            throw new SemanticErrorException(start.Start, start.End, $"The document has more than {YamlReader.MaxValues} values when its aliases are written out.");
        }

        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = (value, size);
        }

        return value;
    }

    private YamlValue Alias(AnchorAlias alias, out long size)
    {
        if (!_anchors.TryGetValue(alias.Value, out var target))
        {
            throw new SemanticErrorException(alias.Start, alias.End, $"The alias '{alias.Value.Value}' has no anchor before it.");
        }

        if (target is not { } known)
        {
            throw new SemanticErrorException(alias.Start, alias.End, $"The alias '{alias.Value.Value}' stands inside the value it refers to.");
        }

        size = known.Size;
        return known.Value;
    }

    private YamlValue.List ComposeList(SequenceStart start, int depth, out long size)
    {
        RequireTag(start, "seq");
        _flowDepth += start.Style == SequenceStyle.Flow ? 1 : 0;
        size = 1;
        var items = ImmutableArray.CreateBuilder<YamlValue>();
        while (Advance() is not SequenceEnd)
        {
            items.Add(Compose(depth + 1, out var itemSize));
            size += itemSize;
        }

        _flowDepth -= start.Style == SequenceStyle.Flow ? 1 : 0;
        return new YamlValue.List(items.ToImmutable()) { Position = At(start.Start) };
    }

    private YamlValue.Map ComposeMap(MappingStart start, int depth, out long size)
    {
        RequireTag(start, "map");
        _flowDepth += start.Style == MappingStyle.Flow ? 1 : 0;
        size = 1;
        var map = new YamlMapBuilder();
        while (Advance() is not MappingEnd)
        {
            var keyEvent = parser.Current!;
            var merges = keyEvent is Scalar { Style: ScalarStyle.Plain, Value: "<<", Tag.IsEmpty: true };
            var key = merges ? null : ComposeKey(keyEvent, depth);
            Advance();
            var valueEvent = parser.Current!;
            var value = Compose(depth + 1, out var valueSize);
            size += valueSize + 1;
            if (key is not null)
            {
                map.Set(key, value);
            }
            else if (!map.TryMerge(value))
            {
                throw new SemanticErrorException(valueEvent.Start, valueEvent.End, "'<<' takes a map or a list of maps.");
            }
        }

        _flowDepth -= start.Style == MappingStyle.Flow ? 1 : 0;
        return map.Build() with { Position = At(start.Start) };
    }

    private YamlValue ComposeKey(ParsingEvent start, int depth)
    {
        var key = start is Scalar { Style: ScalarStyle.Plain, Value: "=", Tag.IsEmpty: true }
            ? new YamlValue.Text("=") { Position = At(start.Start) }
            : Compose(depth + 1, out _);
        return key is YamlValue.List or YamlValue.Map
            ? throw new SemanticErrorException(start.Start, start.End, "Found unhashable key: a key must be a scalar. Quote a value that starts with '{' or '['.")
            : key;
    }

    private YamlValue ComposeScalar(Scalar scalar, out long size)
    {
        size = 1;
        if (scalar.Style == ScalarStyle.Plain && _flowDepth > 0 && scalar.Value.Contains('?'))
        {
            throw new SemanticErrorException(scalar.Start, scalar.End, $"'?' cannot stand in unquoted text inside [] or {{}}; quote '{scalar.Value}'.");
        }

        try
        {
            return Typed(scalar) with { Position = At(scalar.Start) };
        }
        catch (FormatException fault)
        {
            throw new SemanticErrorException(scalar.Start, scalar.End, fault.Message);
        }
    }

    private static YamlValue Typed(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
        {
            return scalar.Style != ScalarStyle.Plain ? new YamlValue.Text(scalar.Value)
                : scalar.Value is "=" or "<<" ? throw new FormatException($"A lone '{scalar.Value}' has a special meaning; quote it.")
                : YamlScalars.Resolve(scalar.Value);
        }

        var tag = scalar.Tag.Value;
        return (tag.StartsWith(StandardTag, StringComparison.Ordinal) ? tag[StandardTag.Length..] : "") switch
        {
            "str" => new YamlValue.Text(scalar.Value),
            "null" => new YamlValue.Null(),
            "int" => new YamlValue.Int(YamlScalars.ParseInt(scalar.Value)),
            "float" => new YamlValue.Float(YamlScalars.ParseFloat(scalar.Value)),
            "bool" when scalar.Value.ToLowerInvariant() is "yes" or "true" or "on" => new YamlValue.Bool(true),
            "bool" when scalar.Value.ToLowerInvariant() is "no" or "false" or "off" => new YamlValue.Bool(false),
            "timestamp" when YamlScalars.Resolve(scalar.Value) is YamlValue.Timestamp date => date,
            "bool" or "timestamp" => throw new FormatException($"'{scalar.Value}' does not fit its tag '{tag}'."),
            _ => throw new FormatException($"The tag '{tag}' is not supported; allowed are !!str, !!int, !!float, !!bool, !!null, !!timestamp, !!seq and !!map."),
        };
    }

    private static void RequireTag(NodeEvent start, string tag)
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value != StandardTag + tag)
        {
            throw new SemanticErrorException(start.Start, start.End, $"The tag '{start.Tag.Value}' is not supported here.");
        }
    }

    private YamlPosition At(Mark mark) => new((int)mark.Line + lineOffset, (int)mark.Column);
}
