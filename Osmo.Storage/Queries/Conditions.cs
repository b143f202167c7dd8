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

/// <summary>One of several disjoint parts of a list, each walked in the list's order by an index; the database merges them as far as the page needs.</summary>
/// <param name="From">Table, alias and index.</param>
/// <param name="Conditions">What the index seeks by.</param>
internal sealed record Branch(Sql From, IReadOnlyList<Sql> Conditions)
{
    /// <summary>Most branches of one statement; beyond it the whole list is walked in order and filtered.</summary>
    public const int Max = 16;
}
