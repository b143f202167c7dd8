namespace Osmo.Storage.Database;

/// <summary>The few places where the queries of the two engines differ.</summary>
internal abstract class SqlDialect
{
    /// <summary>True when <paramref name="literal"/> occurs in the column, case-sensitively.</summary>
    public abstract Sql Contains(Sql column, string literal);

    /// <summary>True when the whole column matches a pattern in which only '*' is special.</summary>
    public abstract Sql MatchesGlob(Sql column, string glob);

    /// <summary>True when the document's array <paramref name="property"/> holds one of the values.</summary>
    public abstract Sql ArrayHasAny(string alias, string property, IReadOnlyCollection<string> values);

    /// <summary>The document as text of one type over all tables.</summary>
    public abstract Sql DocumentText(string alias);

    /// <summary>
    /// Names the index to walk. SQLite keeps no statistics here and would guess; PostgreSQL knows better than a hint (and has none).
    /// </summary>
    public abstract Sql UseIndex(string index);
}
