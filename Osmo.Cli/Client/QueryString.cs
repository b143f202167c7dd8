using System.Collections.Immutable;

namespace Osmo.Cli.Client;

/// <summary>Query parameters; lists are repeated keys, booleans are written as Python does (contract: api-rest §2.4, cli §8).</summary>
public sealed record QueryString(ImmutableArray<KeyValuePair<string, string>> Parameters)
{
    public static QueryString Empty { get; } = new([]);

    public QueryString With(string name, string value) => new(Parameters.Add(new(name, value)));

    public QueryString With(string name, bool value) => With(name, value ? "True" : "False");

    public QueryString With(string name, int value) => With(name, value.ToString());

    /// <summary>The parameter, or nothing when there is no value.</summary>
    public QueryString WithOptional(string name, string? value) => value is null ? this : With(name, value);

    /// <summary>The parameter, or nothing when there is no value.</summary>
    public QueryString WithOptional(string name, int? value) => value is { } number ? With(name, number) : this;

    /// <summary>One parameter for each value; none for none.</summary>
    public QueryString WithAll(string name, IEnumerable<string> values) =>
        values.Aggregate(this, (query, value) => query.With(name, value));

    public override string ToString() =>
        Parameters.IsEmpty ? "" : "?" + string.Join('&', Parameters.Select(pair => $"{Escape(pair.Key)}={Escape(pair.Value)}"));

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
