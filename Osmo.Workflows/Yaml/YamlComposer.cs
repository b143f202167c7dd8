using System.Collections.Immutable;

namespace Osmo.Workflows.Yaml;

/// <summary>Builds values from tokens, by recursive descent over the grammar of YAML 1.1. Aliases share their value.</summary>
internal sealed class YamlComposer(YamlScanner tokens)
{
    private readonly Dictionary<string, (YamlValue Value, long Size)?> _anchors = new(StringComparer.Ordinal);

    public YamlValue ComposeDocument()
    {
        var isExplicit = tokens.Peek().Kind == YamlTokenKind.DocumentStart;
        if (isExplicit)
        {
            tokens.Next();
        }

        var first = tokens.Peek();
        var isEmpty = first.Kind == YamlTokenKind.End || (isExplicit && first.Kind == YamlTokenKind.DocumentEnd);
        YamlValue root = isEmpty ? new YamlValue.Null { Position = first.Position } : ComposeNode(NodePlace.Block, depth: 0).Value;
        while (tokens.Peek().Kind == YamlTokenKind.DocumentEnd)
        {
            tokens.Next();
        }

        return tokens.Peek() is { Kind: not YamlTokenKind.End } rest
            ? throw new YamlSyntaxException($"Expected a single document that ends before this, but found {rest.Shown}.", rest.Position)
            : root;
    }

    /// <summary>A value and how many values it has with all aliases written out.</summary>
    private (YamlValue Value, long Size) ComposeNode(NodePlace place, int depth)
    {
        var start = tokens.Peek();
        if (depth > YamlReader.MaxDepth)
        {
            throw new YamlSyntaxException($"Lists and maps are nested more than {YamlReader.MaxDepth} deep.", start.Position);
        }

        if (start.Kind == YamlTokenKind.Alias)
        {
            return Alias(tokens.Next());
        }

        var (anchor, tag) = Properties();
        if (anchor is { } named && !_anchors.TryAdd(named.Text, null))
        {
            throw new YamlSyntaxException($"The anchor '{named.Text}' is defined twice.", named.Position);
        }

        var (value, size) = Content(place, depth, tag, hasProperties: anchor is not null || tag is not null, start.Position);
        if (size > YamlReader.MaxValues)
        {
            throw new YamlSyntaxException(
                $"The document has more than {YamlReader.MaxValues} values when its aliases are written out.", start.Position);
        }

        if (anchor is { } known)
        {
            _anchors[known.Text] = (value, size);
        }

        return (value, size);
    }

    private (YamlToken? Anchor, YamlToken? Tag) Properties()
    {
        YamlToken? anchor = null;
        YamlToken? tag = null;
        while (true)
        {
            switch (tokens.Peek().Kind)
            {
                case YamlTokenKind.Anchor when anchor is null:
                    anchor = tokens.Next();
                    break;
                case YamlTokenKind.Tag when tag is null:
                    tag = tokens.Next();
                    break;
                default:
                    return (anchor, tag);
            }
        }
    }

    private (YamlValue Value, long Size) Content(NodePlace place, int depth, YamlToken? tag, bool hasProperties, YamlPosition start)
    {
        var token = tokens.Peek();
        switch (token.Kind)
        {
            case YamlTokenKind.PlainScalar or YamlTokenKind.QuotedScalar:
                tokens.Next();
                return (YamlTags.Scalar(token, tag), 1);
            case YamlTokenKind.FlowSequenceStart:
                return FlowSequence(depth, tag);
            case YamlTokenKind.FlowMappingStart:
                return FlowMapping(depth, tag);
            case YamlTokenKind.BlockSequenceStart when place != NodePlace.Flow:
                return BlockSequence(depth, tag);
            case YamlTokenKind.BlockMappingStart when place != NodePlace.Flow:
                return BlockMapping(depth, tag);
            case YamlTokenKind.BlockEntry when place == NodePlace.BlockOrIndentless:
                return IndentlessSequence(depth, tag);
            default:
                return hasProperties
                    ? (YamlTags.Scalar(new YamlToken(YamlTokenKind.PlainScalar, start), tag), 1)
                    : throw new YamlSyntaxException($"Expected a value, but found {token.Shown}.", token.Position);
        }
    }

    private (YamlValue Value, long Size) Alias(YamlToken alias)
    {
        if (!_anchors.TryGetValue(alias.Text, out var target))
        {
            throw new YamlSyntaxException($"The alias '{alias.Text}' has no anchor before it.", alias.Position);
        }

        return target ?? throw new YamlSyntaxException($"The alias '{alias.Text}' stands inside the value it refers to.", alias.Position);
    }

    private (YamlValue Value, long Size) BlockSequence(int depth, YamlToken? tag)
    {
        var start = tokens.Next();
        var list = new ListBuilder(start.Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.BlockEntry)
        {
            list.Add(BlockEntry(depth));
        }

        Close(YamlTokenKind.BlockEnd, $"In the list of {start.Position} expected '-' or the end of the list");
        return list.Build();
    }

    /// <summary>A list that stands no deeper than the key it belongs to.</summary>
    private (YamlValue Value, long Size) IndentlessSequence(int depth, YamlToken? tag)
    {
        var list = new ListBuilder(tokens.Peek().Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.BlockEntry)
        {
            list.Add(BlockEntry(depth));
        }

        return list.Build();
    }

    private (YamlValue Value, long Size) BlockEntry(int depth)
    {
        var entry = tokens.Next();
        return tokens.Peek().Kind is YamlTokenKind.BlockEntry or YamlTokenKind.BlockEnd or YamlTokenKind.Key or YamlTokenKind.Value
            ? Nothing(entry)
            : ComposeNode(NodePlace.Block, depth + 1);
    }

    private (YamlValue Value, long Size) BlockMapping(int depth, YamlToken? tag)
    {
        var start = tokens.Next();
        var map = new MapBuilder(start.Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.Key)
        {
            tokens.Next();
            map.Add(MapKey(NodePlace.BlockOrIndentless, depth), MapValue(NodePlace.BlockOrIndentless, depth));
        }

        Close(YamlTokenKind.BlockEnd, $"In the map of {start.Position} expected a key or the end of the map");
        return map.Build();
    }

    private (YamlValue Value, long Size) FlowSequence(int depth, YamlToken? tag)
    {
        var start = tokens.Next();
        var list = new ListBuilder(start.Position, tag);
        while (tokens.Peek().Kind != YamlTokenKind.FlowSequenceEnd)
        {
            list.Add(tokens.Peek().Kind == YamlTokenKind.Key ? SinglePair(depth) : ComposeNode(NodePlace.Flow, depth + 1));
            Separate(YamlTokenKind.FlowSequenceEnd, $"In the list of {start.Position} expected ',' or ']'");
        }

        tokens.Next();
        return list.Build();
    }

    /// <summary><c>[a: b]</c> is a list of one map.</summary>
    private (YamlValue Value, long Size) SinglePair(int depth)
    {
        var map = new MapBuilder(tokens.Peek().Position, tag: null);
        tokens.Next();
        map.Add(MapKey(NodePlace.Flow, depth + 1), MapValue(NodePlace.Flow, depth + 1));
        return map.Build();
    }

    private (YamlValue Value, long Size) FlowMapping(int depth, YamlToken? tag)
    {
        var start = tokens.Next();
        var map = new MapBuilder(start.Position, tag);
        while (tokens.Peek().Kind != YamlTokenKind.FlowMappingEnd)
        {
            if (tokens.Peek().Kind == YamlTokenKind.Key)
            {
                tokens.Next();
                map.Add(MapKey(NodePlace.Flow, depth), MapValue(NodePlace.Flow, depth));
            }
            else
            {
                var key = tokens.Peek().Kind == YamlTokenKind.PlainScalar
                    ? MapKey(NodePlace.Flow, depth)
                    : new MapKeyPart(ComposeNode(NodePlace.Flow, depth + 1), IsMerge: false);
                map.Add(key, Nothing(tokens.Peek()));
            }

            Separate(YamlTokenKind.FlowMappingEnd, $"In the map of {start.Position} expected ',' or '}}'");
        }

        tokens.Next();
        return map.Build();
    }

    /// <summary>A key; <c>&lt;&lt;</c> and <c>=</c> have no special meaning of their own there.</summary>
    private MapKeyPart MapKey(NodePlace place, int depth)
    {
        var first = tokens.Peek();
        if (first is not { Kind: YamlTokenKind.PlainScalar, Text: "<<" or "=" })
        {
            return new MapKeyPart(NodeOrNothing(place, depth), IsMerge: false);
        }

        tokens.Next();
        return new MapKeyPart((new YamlValue.Text(first.Text) { Position = first.Position }, 1), IsMerge: first.Text == "<<");
    }

    private (YamlValue Value, long Size) MapValue(NodePlace place, int depth)
    {
        if (tokens.Peek().Kind != YamlTokenKind.Value)
        {
            return Nothing(tokens.Peek());
        }

        tokens.Next();
        return NodeOrNothing(place, depth);
    }

    private (YamlValue Value, long Size) NodeOrNothing(NodePlace place, int depth)
    {
        var next = tokens.Peek();
        return next.Kind is YamlTokenKind.Key or YamlTokenKind.Value or YamlTokenKind.BlockEnd
            or YamlTokenKind.FlowEntry or YamlTokenKind.FlowSequenceEnd or YamlTokenKind.FlowMappingEnd
            ? Nothing(next)
            : ComposeNode(place, depth + 1);
    }

    private void Separate(YamlTokenKind end, string expected)
    {
        var token = tokens.Peek();
        if (token.Kind == YamlTokenKind.FlowEntry)
        {
            tokens.Next();
        }
        else if (token.Kind != end)
        {
            throw new YamlSyntaxException($"{expected}, but found {token.Shown}.", token.Position);
        }
    }

    private void Close(YamlTokenKind end, string expected)
    {
        var token = tokens.Next();
        if (token.Kind != end)
        {
            throw new YamlSyntaxException($"{expected}, but found {token.Shown}.", token.Position);
        }
    }

    private static (YamlValue Value, long Size) Nothing(YamlToken at) => (new YamlValue.Null { Position = at.Position }, 1);

    private enum NodePlace
    {
        Block = 1,
        BlockOrIndentless,
        Flow,
    }

    private readonly record struct MapKeyPart((YamlValue Value, long Size) Node, bool IsMerge);

    private sealed class ListBuilder(YamlPosition position, YamlToken? tag)
    {
        private readonly ImmutableArray<YamlValue>.Builder _items = ImmutableArray.CreateBuilder<YamlValue>();
        private long _size = 1;

        public void Add((YamlValue Value, long Size) item)
        {
            _items.Add(item.Value);
            _size += item.Size;
        }

        public (YamlValue Value, long Size) Build()
        {
            YamlTags.Require("seq", tag);
            return (new YamlValue.List(_items.ToImmutable()) { Position = position }, _size);
        }
    }

    private sealed class MapBuilder(YamlPosition position, YamlToken? tag)
    {
        private readonly YamlMapBuilder _map = new();
        private long _size = 1;

        public void Add(MapKeyPart key, (YamlValue Value, long Size) value)
        {
            _size += key.Node.Size + value.Size;
            if (key.Node.Value is YamlValue.List or YamlValue.Map)
            {
                throw new YamlSyntaxException(
                    "Found unhashable key: a key is a scalar. Quote a value that starts with '{' or '['.", key.Node.Value.Position);
            }

            if (!key.IsMerge)
            {
                _map.Set(key.Node.Value, value.Value);
            }
            else if (!_map.TryMerge(value.Value))
            {
                throw new YamlSyntaxException("'<<' takes a map or a list of maps.", value.Value.Position);
            }
        }

        public (YamlValue Value, long Size) Build()
        {
            YamlTags.Require("map", tag);
            return (_map.Build() with { Position = position }, _size);
        }
    }
}
