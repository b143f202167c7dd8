using System.Collections.Immutable;
using System.Numerics;

namespace Osmo.Workflows.Yaml;

/// <summary>Where a value stands in its text; both count from 1. (0, 0) is a value that no text holds.</summary>
public readonly record struct YamlPosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}

/// <summary>
/// A YAML document as the YAML 1.1 safe types see it (contract: workflow-spec §5), each value with its place in the text.
/// </summary>
public abstract record YamlValue
{
    private YamlValue()
    {
    }

    public YamlPosition Position { get; init; }

    /// <summary>How an error message names the kind of value.</summary>
    public abstract string Kind { get; }

    /// <summary><c>null</c>, <c>~</c>, or nothing.</summary>
    public sealed record Null : YamlValue
    {
        public override string Kind => "null";
    }

    /// <summary>A boolean.</summary>
    public sealed record Bool(bool Value) : YamlValue
    {
        public override string Kind => "a boolean";
    }

    /// <summary>An integer of any size.</summary>
    public sealed record Int(BigInteger Value) : YamlValue
    {
        public override string Kind => "an integer";
    }

    /// <summary>A double.</summary>
    public sealed record Float(double Value) : YamlValue
    {
        public override string Kind => "a number";
    }

    /// <summary>Date or date with time, a type of its own in YAML 1.1, as written.</summary>
    public sealed record Timestamp(string Source) : YamlValue
    {
        public override string Kind => "a date";
    }

    /// <summary>A string, quoted or plain.</summary>
    public sealed record Text(string Value) : YamlValue
    {
        public override string Kind => "a string";

        /// <summary>Written as a literal block.</summary>
        public bool Literal { get; init; }
    }

    /// <summary>A list.</summary>
    public sealed record List(ImmutableArray<YamlValue> Items) : YamlValue
    {
        public override string Kind => "a list";
    }

    /// <summary>Keys are unique scalars in order of first appearance.</summary>
    public sealed record Map(ImmutableArray<YamlEntry> Entries) : YamlValue
    {
        public static Map Empty { get; } = new(ImmutableArray<YamlEntry>.Empty);

        public override string Kind => "a map";

        /// <summary>The value of a text key, or null.</summary>
        public YamlValue? Find(string key)
        {
            foreach (var entry in Entries)
            {
                if (entry.Key is Text text && text.Value == key)
                {
                    return entry.Value;
                }
            }

            return null;
        }

        /// <summary>This map with one text key set; a new key goes last.</summary>
        public Map With(string key, YamlValue value)
        {
            for (var i = 0; i < Entries.Length; i++)
            {
                if (Entries[i].Key is Text text && text.Value == key)
                {
                    return this with { Entries = Entries.SetItem(i, Entries[i] with { Value = value }) };
                }
            }

            return this with { Entries = Entries.Add(new YamlEntry(new Text(key), value)) };
        }
    }
}

/// <summary>One entry of a map.</summary>
public readonly record struct YamlEntry(YamlValue Key, YamlValue Value);
