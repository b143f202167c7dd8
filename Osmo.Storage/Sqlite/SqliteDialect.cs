using System.Text;
using Osmo.Storage.Database;

namespace Osmo.Storage.Sqlite;

internal sealed class SqliteDialect : SqlDialect
{
    public override Sql Contains(Sql column, string literal) => $"instr({column}, {literal}) > 0";

    public override Sql MatchesGlob(Sql column, string glob) => $"{column} GLOB {Escape(glob)}";

    public override Sql ArrayHasAny(string alias, string property, IReadOnlyCollection<string> values) =>
        $"EXISTS (SELECT 1 FROM json_each({Sql.Raw(alias)}.document, {"$." + property}) e WHERE e.value IN {Sql.List(values)})";

    public override Sql DocumentText(string alias) => Sql.Raw($"{alias}.document");

    public override Sql UseIndex(string index) => Sql.Raw($" INDEXED BY {index}");

    /// <summary>GLOB also gives '?' and '[' a meaning; in brackets they stand for themselves.</summary>
    private static string Escape(string glob)
    {
        var text = new StringBuilder(glob.Length);
        foreach (var c in glob) _ = c is '?' or '[' ? text.Append('[').Append(c).Append(']') : text.Append(c);
        return text.ToString();
    }
}
