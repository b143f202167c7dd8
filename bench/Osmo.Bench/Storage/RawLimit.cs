using Microsoft.Data.Sqlite;
using Npgsql;

namespace Osmo.Bench.Storage;

/// <summary>What the database itself can do with the least possible commit: one row of one integer, one caller, no code of ours.</summary>
internal abstract class RawLimit : IAsyncDisposable
{
    public abstract string Name { get; }

    public abstract Task Prepare();

    public abstract ValueTask DisposeAsync();

    /// <summary>One durable commit.</summary>
    public abstract Task Commit();

    /// <summary>Does what the database's own housekeeping does after a while.</summary>
    public abstract Task Settle();
}

internal sealed class SqliteRawLimit(string path) : RawLimit
{
    private readonly SqliteConnection _connection = new($"Data Source={path};Pooling=false");
    private SqliteCommand _commit = null!;

    public override string Name => "SQLite, write-ahead log, synchronous=FULL";

    public override Task Prepare()
    {
        _connection.Open();
        using var prepare = _connection.CreateCommand();
        // A log that still grows syncs its length too, which costs more than it ever will again: it has its size from the start.
        prepare.CommandText =
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE raw (n INTEGER); CREATE TABLE filler (b BLOB);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO filler SELECT zeroblob(4000) FROM n;
            PRAGMA wal_checkpoint;
            """;
        prepare.ExecuteNonQuery();
        _commit = _connection.CreateCommand();
        _commit.CommandText = "INSERT INTO raw VALUES (1)";
        return Task.CompletedTask;
    }

    public override Task Commit()
    {
        _commit.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public override Task Settle() => Task.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        _commit.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class PostgresRawLimit(int port) : RawLimit
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=osmo;Database=postgres");
    private NpgsqlConnection _connection = null!;
    private NpgsqlCommand _commit = null!;

    public override string Name => "PostgreSQL, fsync=on, loopback";

    public override async Task Prepare()
    {
        _connection = await _source.OpenConnectionAsync();
        await using var prepare = new NpgsqlCommand("CREATE TABLE raw (n integer)", _connection);
        await prepare.ExecuteNonQueryAsync();
        _commit = new NpgsqlCommand("INSERT INTO raw VALUES (1)", _connection);
        await _commit.PrepareAsync();
    }

    public override Task Commit() => _commit.ExecuteNonQueryAsync();

    public override async Task Settle()
    {
        await using var settle = new NpgsqlCommand("VACUUM ANALYZE", _connection) { CommandTimeout = 300 };
        await settle.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _commit.DisposeAsync();
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
