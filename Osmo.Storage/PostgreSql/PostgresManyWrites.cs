using Npgsql;
using NpgsqlTypes;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.PostgreSql;

/// <summary>
/// The writes of a batch as few statements: one for all rows of a table that are written in the same way. The server prepares the expressions of
/// generated columns anew for every statement, not for every row, which for tasks costs more than all the rest.
/// </summary>
internal sealed record PostgresManyWrites(RowKind Kind, NpgsqlDbType DocumentType, string Insert, string Update, string Put, string Delete)
{
    private static readonly PostgresManyWrites[] ByKind = [.. Enum.GetValues<RowKind>().Order().Select(Of)];

    private enum Way
    {
        Insert = 1,
        Update,
        Put,
        Delete,

        /// <summary>By itself, as <see cref="PostgresWriteStatements"/> has it.</summary>
        Other,
    }

    /// <summary>Commands that do all of it, or fail as one if some row is not as its write requires.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Commands(IReadOnlyList<RowWrite> writes) => AreIndependent(writes)
        ? writes.GroupBy(write => (write.Key.Kind, Way: WayOf(write))).SelectMany(alike => Together(alike.Key.Kind, alike.Key.Way, [.. alike]))
        : writes.Select(PostgresWriteStatements.Command);

    /// <summary>True when their order does not matter: no row is written twice.</summary>
    private static bool AreIndependent(IReadOnlyList<RowWrite> writes)
    {
        var rows = new HashSet<RowKey>();
        var partitions = new HashSet<(RowKind, string)>();
        foreach (var write in writes)
        {
            if (write is RowWrite.DeletePartition ? !partitions.Add((write.Key.Kind, write.Key.Partition)) : !rows.Add(write.Key)) return false;
        }
        return partitions.Count == 0 || !rows.Any(row => partitions.Contains((row.Kind, row.Partition)));
    }

    private static Way WayOf(RowWrite write) => write switch
    {
        RowWrite.Insert => Way.Insert,
        RowWrite.Update => Way.Update,
        RowWrite.Put => Way.Put,
        RowWrite.Delete { ExpectedVersion: null } => Way.Delete,
        _ => Way.Other,
    };

    private static IEnumerable<NpgsqlBatchCommand> Together(RowKind kind, Way way, RowWrite[] writes)
    {
        var sql = ByKind[(int)kind - 1];
        return way switch
        {
            _ when writes.Length == 1 => [PostgresWriteStatements.Command(writes[0])],
            Way.Insert => [sql.Command(sql.Insert, writes, hasDocuments: true)],
            Way.Update => [sql.Command(sql.Update, writes, hasDocuments: true, Versions(writes))],
            Way.Put => [sql.Command(sql.Put, writes, hasDocuments: true)],
            Way.Delete => [sql.Command(sql.Delete, writes, hasDocuments: false)],
            _ => writes.Select(PostgresWriteStatements.Command),
        };
    }

    private static NpgsqlParameter<long[]> Versions(RowWrite[] writes) => new() { TypedValue = Array.ConvertAll(writes, write => ((RowWrite.Update)write).ExpectedVersion) };

    private NpgsqlBatchCommand Command(string text, RowWrite[] writes, bool hasDocuments, params ReadOnlySpan<NpgsqlParameter> more)
    {
        var command = new NpgsqlBatchCommand(text)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(writes, write => write.Key.Partition) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(writes, write => write.Key.Id) },
            },
        };
        if (hasDocuments)
        {
            command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>[]>
            {
                TypedValue = Array.ConvertAll(writes, write => DocumentText.Storable(write.Document())),
                NpgsqlDbType = NpgsqlDbType.Array | DocumentType,
            });
        }
        foreach (var parameter in more) command.Parameters.Add(parameter);
        return command;
    }

    private static PostgresManyWrites Of(RowKind kind)
    {
        var table = kind.Table();
        return new(
            kind,
            PostgresWriteStatements.TypeOfDocument(kind),
            $"INSERT INTO {table} (partition, id, version, document) SELECT w.p, w.i, 1, w.d FROM unnest($1, $2, $3) w(p, i, d)",
            $"""
            WITH done AS (
                UPDATE {table} r SET version = r.version + 1, document = w.d FROM unnest($1, $2, $3, $4) w(p, i, d, v)
                WHERE r.partition = w.p AND r.id = w.i AND r.version = w.v RETURNING 1)
            SELECT require_row((count(*) = cardinality($1))::int) FROM done
            """,
            $"""
            INSERT INTO {table} AS r (partition, id, version, document) SELECT w.p, w.i, 1, w.d FROM unnest($1, $2, $3) w(p, i, d) ORDER BY 1, 2
            ON CONFLICT (partition, id) DO UPDATE SET version = r.version + 1, document = excluded.document
            """,
            $"DELETE FROM {table} r USING unnest($1, $2) w(p, i) WHERE r.partition = w.p AND r.id = w.i");
    }
}
