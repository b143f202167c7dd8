using System.Text;
using Osmo.Storage.Database;

namespace Osmo.Storage.PostgreSql;

internal sealed class PostgresDialect : SqlDialect
{
    public override Sql Contains(Sql column, string literal) => $"strpos({column}, {literal}) > 0";

    public override Sql MatchesGlob(Sql column, string glob) => $"{column} LIKE {Like(glob)}";

    // The function behind the operator ?|.
    public override Sql ArrayHasAny(string alias, string property, IReadOnlyCollection<string> values) =>
        $"jsonb_exists_any({Sql.Raw(alias)}.document -> {property}, ARRAY[{Sql.Join(", ", values.Select(value => Sql.Of($"{value}")))}])";

    public override Sql DocumentText(string alias) => Sql.Raw($"{alias}.document::text");

    public override Sql UseIndex(string index) => Sql.Raw("");

    private static string Like(string glob)
    {
        var text = new StringBuilder(glob.Length);
        foreach (var c in glob)
        {
            _ = c switch
            {
                '*' => text.Append('%'),
                '%' or '_' or '\\' => text.Append('\\').Append(c),
                _ => text.Append(c),
            };
        }
        return text.ToString();
    }
}
