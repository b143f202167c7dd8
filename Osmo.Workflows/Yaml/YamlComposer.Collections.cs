namespace Osmo.Workflows.Yaml;

/// <summary>Lists and maps, in block and in flow form.</summary>
internal sealed partial class YamlComposer
{
    private readonly Stack<YamlListBuilder> _idleLists = [];
    private readonly Stack<YamlMapBuilder> _idleMaps = [];

    private Node BlockSequence(int depth, YamlToken? tag)
    {
        var list = new OpenList(this, tokens.Next().Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.BlockEntry)
        {
            list.Add(BlockEntry(depth));
        }

        CloseBlock("list", list.Start, "'-' or the end of the list");
        return list.Close();
    }

    /// <summary>A list that stands no deeper than the key it belongs to.</summary>
    private Node IndentlessSequence(int depth, YamlToken? tag)
    {
        var list = new OpenList(this, tokens.Peek().Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.BlockEntry)
        {
            list.Add(BlockEntry(depth));
        }

        return list.Close();
    }

    private Node BlockEntry(int depth)
    {
        var entry = tokens.Next();
        return tokens.Peek().Kind is YamlTokenKind.BlockEntry or YamlTokenKind.BlockEnd or YamlTokenKind.Key or YamlTokenKind.Value
            ? Nothing(entry)
            : ComposeNode(NodePlace.Block, depth + 1);
    }

    private Node BlockMapping(int depth, YamlToken? tag)
    {
        var map = new OpenMap(this, tokens.Next().Position, tag);
        while (tokens.Peek().Kind == YamlTokenKind.Key)
        {
            tokens.Next();
            map.Add(MapKey(NodePlace.BlockOrIndentless, depth), MapValue(NodePlace.BlockOrIndentless, depth));
        }

        CloseBlock("map", map.Start, "a key or the end of the map");
        return map.Close();
    }

    private Node FlowSequence(int depth, YamlToken? tag)
    {
        var list = new OpenList(this, tokens.Next().Position, tag);
        while (tokens.Peek().Kind != YamlTokenKind.FlowSequenceEnd)
        {
            list.Add(tokens.Peek().Kind == YamlTokenKind.Key ? SinglePair(depth) : ComposeNode(NodePlace.Flow, depth + 1));
            SeparateFlow(YamlTokenKind.FlowSequenceEnd, "list", list.Start, "',' or ']'");
        }

        tokens.Next();
        return list.Close();
    }

    /// <summary><c>[a: b]</c> is a list of one map.</summary>
    private Node SinglePair(int depth)
    {
        var map = new OpenMap(this, tokens.Next().Position, tag: null);
        map.Add(MapKey(NodePlace.Flow, depth + 1), MapValue(NodePlace.Flow, depth + 1));
        return map.Close();
    }

    private Node FlowMapping(int depth, YamlToken? tag)
    {
        var map = new OpenMap(this, tokens.Next().Position, tag);
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

            SeparateFlow(YamlTokenKind.FlowMappingEnd, "map", map.Start, "',' or '}'");
        }

        tokens.Next();
        return map.Close();
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
        return new MapKeyPart(new Node(new YamlValue.Text(first.Text) { Position = first.Position }, 1), IsMerge: first.Text == "<<");
    }

    private Node MapValue(NodePlace place, int depth)
    {
        if (tokens.Peek().Kind != YamlTokenKind.Value)
        {
            return Nothing(tokens.Peek());
        }

        tokens.Next();
        return NodeOrNothing(place, depth);
    }

    private Node NodeOrNothing(NodePlace place, int depth)
    {
        var next = tokens.Peek();
        return next.Kind is YamlTokenKind.Key or YamlTokenKind.Value or YamlTokenKind.BlockEnd
            or YamlTokenKind.FlowEntry or YamlTokenKind.FlowSequenceEnd or YamlTokenKind.FlowMappingEnd
            ? Nothing(next)
            : ComposeNode(place, depth + 1);
    }

    private void SeparateFlow(YamlTokenKind end, string collection, YamlPosition start, string expected)
    {
        var token = tokens.Peek();
        if (token.Kind == YamlTokenKind.FlowEntry)
        {
            tokens.Next();
        }
        else if (token.Kind != end)
        {
            throw Unexpected(token, collection, start, expected);
        }
    }

    private void CloseBlock(string collection, YamlPosition start, string expected)
    {
        var token = tokens.Next();
        if (token.Kind != YamlTokenKind.BlockEnd)
        {
            throw Unexpected(token, collection, start, expected);
        }
    }

    private static YamlSyntaxException Unexpected(YamlToken found, string collection, YamlPosition start, string expected) =>
        new($"In the {collection} of {start} expected {expected}, but found {found.Shown}.", found.Position);

    private readonly record struct MapKeyPart(Node Node, bool IsMerge);

    /// <summary>A list that is being read.</summary>
    private struct OpenList(YamlComposer owner, YamlPosition start, YamlToken? tag)
    {
        private readonly YamlListBuilder _items = owner._idleLists.TryPop(out var idle) ? idle : new YamlListBuilder();
        private long _size = 1;

        public readonly YamlPosition Start => start;

        public void Add(Node item)
        {
            _items.Add(item.Value);
            _size += item.Size;
        }

        public readonly Node Close()
        {
            YamlTags.Require("seq", tag);
            var list = _items.Build(start);
            owner._idleLists.Push(_items);
            return new Node(list, _size);
        }
    }

    /// <summary>A map that is being read.</summary>
    private struct OpenMap(YamlComposer owner, YamlPosition start, YamlToken? tag)
    {
        private readonly YamlMapBuilder _entries = owner._idleMaps.TryPop(out var idle) ? idle : new YamlMapBuilder();
        private long _size = 1;

        public readonly YamlPosition Start => start;

        public void Add(MapKeyPart key, Node value)
        {
            _size += key.Node.Size + value.Size;
            if (key.Node.Value is YamlValue.List or YamlValue.Map)
            {
                throw new YamlSyntaxException(
                    "Found unhashable key: a key is a scalar. Quote a value that starts with '{' or '['.", key.Node.Value.Position);
            }

            if (!key.IsMerge)
            {
                _entries.Set(key.Node.Value, value.Value);
            }
            else if (!_entries.TryMerge(value.Value))
            {
                throw new YamlSyntaxException("'<<' takes a map or a list of maps.", value.Value.Position);
            }
        }

        public readonly Node Close()
        {
            YamlTags.Require("map", tag);
            var map = _entries.Build(start);
            owner._idleMaps.Push(_entries);
            return new Node(map, _size);
        }
    }
}
