using System.Collections.Immutable;
using Osmo.Storage.Database;

namespace Osmo.Storage.Queries;

/// <summary>Conditions that hold together, collected from a filter.</summary>
internal sealed class Conditions
{
    private readonly List<Sql> _all = [];

    /// <summary>True when a list was empty: nothing can match.</summary>
    public bool MatchNothing { get; private set; }

    public void Add(Sql condition) => _all.Add(condition);

    /// <summary>The column is one of the values, if values are given.</summary>
    public void AddAny(string column, ImmutableArray<string>? values)
    {
        if (values is not { } list) return;
        if (list.IsEmpty) MatchNothing = true;
        else Add($"{Sql.Raw(column)} IN {Sql.List(list.Distinct())}");
    }

    /// <summary><c>WHERE …</c> with these and one more, or nothing.</summary>
    public Sql Where(params IEnumerable<Sql> more)
    {
        Sql[] all = [.. more, .. _all];
        return all.Length == 0 ? Sql.Raw("") : $" WHERE {Sql.Join(" AND ", all)}";
    }
}

/// <summary>One of several disjoint parts of a list, walked in the list's order by an index.</summary>
/// <param name="From">Table, alias and index.</param>
/// <param name="Conditions">What the index seeks by.</param>
internal sealed record Branch(Sql From, IReadOnlyList<Sql> Conditions)
{
    /// <summary>Most branches of one statement; beyond it the whole list is walked in order and filtered.</summary>
    public const int Max = 16;

    /// <summary>
    /// One page of the merged branches. Each is cut at the page's end by itself, because PostgreSQL would otherwise read and sort all of it.
    /// </summary>
    public static Sql Page(IReadOnlyList<Sql> branches, Sql order, long limit, long offset)
    {
        var parts = branches.Count == 1
            ? branches
            : [.. branches.Select((branch, n) => Sql.Of($"SELECT * FROM ({branch} ORDER BY {order} LIMIT {limit + offset}) {Sql.Raw($"b{n}")}"))];
        return $"{Sql.Join("\nUNION ALL\n", parts)}\nORDER BY {order} LIMIT {limit} OFFSET {offset}";
    }
}
