using Npgsql;
using NpgsqlTypes;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.PostgreSql;

/// <summary>The statements that write one table. Each fails when its row is not as the write requires, so that a batch commits only as a whole.</summary>
internal sealed record PostgresWriteStatements(
    NpgsqlDbType DocumentType, string Insert, string Update, string Put, string DeleteVersion, string Delete, string DeletePartition)
{
    private const string GiveJobNumbersText =
        """
        INSERT INTO workflow_name AS n (name, last_number) SELECT * FROM unnest($1, $2) ORDER BY 1
        ON CONFLICT (name) DO UPDATE SET last_number = n.last_number + excluded.last_number RETURNING name, last_number
        """;

    private static readonly PostgresWriteStatements[] ByKind = [.. Enum.GetValues<RowKind>().Order().Select(Of)];

    /// <summary>Gives each name as many numbers as are asked for; returns the names with the last number given. Ordered, so that two batches do not deadlock.</summary>
    public static NpgsqlBatchCommand GiveJobNumbers(IReadOnlyCollection<KeyValuePair<string, int>> counts) => new(GiveJobNumbersText)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = [.. counts.Select(count => count.Key)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. counts.Select(count => count.Value)] },
        },
    };

    public static NpgsqlDbType TypeOfDocument(RowKind kind) => kind is RowKind.Workflow or RowKind.Task ? NpgsqlDbType.Jsonb : NpgsqlDbType.Json;

    public static NpgsqlBatchCommand Command(RowWrite write)
    {
        var (kind, partition, id) = write.Key;
        var sql = ByKind[(int)kind - 1];
        return write switch
        {
            RowWrite.Insert insert => new(sql.Insert) { Parameters = { Text(partition), Text(id), sql.Document(insert.Document) } },
            RowWrite.Update update => new(sql.Update)
            {
                Parameters = { Text(partition), Text(id), sql.Document(update.Document), new NpgsqlParameter<long> { TypedValue = update.ExpectedVersion } },
            },
            RowWrite.Put put => new(sql.Put) { Parameters = { Text(partition), Text(id), sql.Document(put.Document) } },
            RowWrite.Delete { ExpectedVersion: { } version } => new(sql.DeleteVersion)
            {
                Parameters = { Text(partition), Text(id), new NpgsqlParameter<long> { TypedValue = version } },
            },
            RowWrite.Delete => new(sql.Delete) { Parameters = { Text(partition), Text(id) } },
            RowWrite.DeletePartition => new(sql.DeletePartition) { Parameters = { Text(partition) } },
            _ => throw new ArgumentOutOfRangeException(nameof(write), write, "Not a write this writer knows."),
        };
    }

    private static PostgresWriteStatements Of(RowKind kind)
    {
        var table = kind.Table();
        return new(
            TypeOfDocument(kind),
            $"INSERT INTO {table} (partition, id, version, document) VALUES ($1, $2, 1, $3)",
            $"""
            WITH done AS (UPDATE {table} SET version = version + 1, document = $3 WHERE partition = $1 AND id = $2 AND version = $4 RETURNING 1)
            SELECT require_row(count(*)) FROM done
            """,
            $"""
            INSERT INTO {table} AS r (partition, id, version, document) VALUES ($1, $2, 1, $3)
            ON CONFLICT (partition, id) DO UPDATE SET version = r.version + 1, document = excluded.document
            """,
            $"""
            WITH done AS (DELETE FROM {table} WHERE partition = $1 AND id = $2 AND version = $3 RETURNING 1)
            SELECT require_row(count(*)) FROM done
            """,
            $"DELETE FROM {table} WHERE partition = $1 AND id = $2",
            $"DELETE FROM {table} WHERE partition = $1");
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private NpgsqlParameter<ReadOnlyMemory<byte>> Document(ReadOnlyMemory<byte> document) =>
        new() { TypedValue = DocumentText.Storable(document), NpgsqlDbType = DocumentType };
}
