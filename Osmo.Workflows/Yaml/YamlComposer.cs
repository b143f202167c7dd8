namespace Osmo.Workflows.Yaml;

/// <summary>Builds values from tokens, by recursive descent over the grammar of YAML 1.1. Aliases share their value.</summary>
internal sealed partial class YamlComposer(YamlScanner tokens)
{
    private readonly Dictionary<string, Node?> _anchors = new(StringComparer.Ordinal);

    public YamlValue ComposeDocument()
    {
        var isExplicit = tokens.Peek().Kind == YamlTokenKind.DocumentStart;
        if (isExplicit)
        {
            tokens.Next();
        }

        var first = tokens.Peek();
        var isEmpty = first.Kind == YamlTokenKind.End || (isExplicit && first.Kind == YamlTokenKind.DocumentEnd);
        var root = isEmpty ? Nothing(first) : ComposeNode(NodePlace.Block, depth: 0);
        while (tokens.Peek().Kind == YamlTokenKind.DocumentEnd)
        {
            tokens.Next();
        }

        return tokens.Peek() is { Kind: not YamlTokenKind.End } rest
            ? throw new YamlSyntaxException($"Expected a single document that ends before this, but found {rest.Shown}.", rest.Position)
            : root.Value;
    }

    private Node ComposeNode(NodePlace place, int depth)
    {
        var start = tokens.Peek();
        if (depth > YamlReader.MaxDepth)
        {
            throw new YamlSyntaxException($"Lists and maps are nested more than {YamlReader.MaxDepth} deep.", start.Position);
        }

        return start.Kind switch
        {
            YamlTokenKind.Alias => Alias(tokens.Next()),
            YamlTokenKind.Anchor or YamlTokenKind.Tag => WithProperties(place, depth),
            YamlTokenKind.PlainScalar or YamlTokenKind.QuotedScalar => new Node(YamlTags.Scalar(tokens.Next(), tag: null), 1),
            _ => Bounded(Content(place, depth, start, tag: null), start.Position),
        };
    }

    private Node WithProperties(NodePlace place, int depth)
    {
        var start = tokens.Peek().Position;
        var (anchor, tag) = Properties();
        if (anchor is { } named && !_anchors.TryAdd(named.Text, null))
        {
            throw new YamlSyntaxException($"The anchor '{named.Text}' is defined twice.", named.Position);
        }

        var content = tokens.Peek();
        var node = HasContent(content.Kind, place)
            ? Content(place, depth, content, tag)
            : new Node(YamlTags.Scalar(new YamlToken(YamlTokenKind.PlainScalar, start), tag), 1);
        Bounded(node, start);
        if (anchor is { } known)
        {
            _anchors[known.Text] = node;
        }

        return node;
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

    private static bool HasContent(YamlTokenKind kind, NodePlace place) => kind switch
    {
        YamlTokenKind.PlainScalar or YamlTokenKind.QuotedScalar or YamlTokenKind.FlowSequenceStart or YamlTokenKind.FlowMappingStart => true,
        YamlTokenKind.BlockSequenceStart or YamlTokenKind.BlockMappingStart => place != NodePlace.Flow,
        YamlTokenKind.BlockEntry => place == NodePlace.BlockOrIndentless,
        _ => false,
    };

    private Node Content(NodePlace place, int depth, YamlToken token, YamlToken? tag)
    {
        if (!HasContent(token.Kind, place))
        {
            throw new YamlSyntaxException($"Expected a value, but found {token.Shown}.", token.Position);
        }

        switch (token.Kind)
        {
            case YamlTokenKind.FlowSequenceStart:
                return FlowSequence(depth, tag);
            case YamlTokenKind.FlowMappingStart:
                return FlowMapping(depth, tag);
            case YamlTokenKind.BlockSequenceStart:
                return BlockSequence(depth, tag);
            case YamlTokenKind.BlockMappingStart:
                return BlockMapping(depth, tag);
            case YamlTokenKind.BlockEntry:
                return IndentlessSequence(depth, tag);
            default:
                tokens.Next();
                return new Node(YamlTags.Scalar(token, tag), 1);
        }
    }

    private Node Alias(YamlToken alias)
    {
        if (!_anchors.TryGetValue(alias.Text, out var target))
        {
            throw new YamlSyntaxException($"The alias '{alias.Text}' has no anchor before it.", alias.Position);
        }

        return target ?? throw new YamlSyntaxException($"The alias '{alias.Text}' stands inside the value it refers to.", alias.Position);
    }

    private static Node Bounded(Node node, YamlPosition start) => node.Size <= YamlReader.MaxValues
        ? node
        : throw new YamlSyntaxException($"The document has more than {YamlReader.MaxValues} values when its aliases are written out.", start);

    private static Node Nothing(YamlToken at) => new(new YamlValue.Null { Position = at.Position }, 1);

    private enum NodePlace
    {
        Block = 1,
        BlockOrIndentless,
        Flow,
    }

    /// <summary>A value and how many values it has with all aliases written out.</summary>
    private readonly record struct Node(YamlValue Value, long Size);
}
