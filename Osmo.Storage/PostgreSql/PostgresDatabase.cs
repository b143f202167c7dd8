using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;
using Osmo.Storage.Database;
using Osmo.Storage.Migrations;

namespace Osmo.Storage.PostgreSql;

/// <summary>A PostgreSQL database: writers and readers have connections of their own, so that no amount of reading delays a commit.</summary>
internal sealed class PostgresDatabase : IDatabase
{
    /// <summary>The oldest server whose features are used and known to behave.</summary>
    private const int OldestMajorVersion = 13;

    /// <summary>Of the advisory lock that one migrating process holds.</summary>
    internal const long MigrationLock = 0x4F_53_4D_4F;

    /// <summary>For one statement of a step. An index over all of a large table takes minutes, and so may the wait for the process that makes it.</summary>
    private static readonly TimeSpan StepTimeMax = TimeSpan.FromHours(6);

    private const string FindByKey = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _writers;
    private readonly int _writerCount;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Task[]? _running;

    public PostgresDatabase(NpgsqlConnectionStringBuilder address, StorageOptions options, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _writerCount = options.DatabaseWriters;
        _readers = Source(address, "osmo reader", options.DatabaseReaders).Build();
        _writers = Source(address, "osmo writer", options.DatabaseWriters).UsePhysicalConnectionInitializer(FindRowsByKey, FindRowsByKeyAsync).Build();
    }

    public SqlDialect Dialect { get; } = new PostgresDialect();

    public CommitQueue Writes { get; } = new();

    public async Task Open(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await _writers.OpenConnectionAsync(cancellation);
            await CheckServer(connection, cancellation);
            await Migrate(connection, cancellation);
        }
        catch (PostgresException error)
        {
            throw new StorageConfigurationException($"Database: PostgreSQL refused: {error.MessageText}. {Advice(error.SqlState)}", error);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw new StorageConfigurationException(
                $"Database: PostgreSQL cannot be reached: {error.Message} Check host and port, and that the server runs and accepts this machine.", error);
        }
        var writer = new PostgresCommitWriter(_writers, _logger);
        // Wherever storage was opened from, writers run on the thread pool.
        _running = [.. Enumerable.Range(0, _writerCount).Select(_ => Task.Run(() => writer.Run(Writes), CancellationToken.None))];
    }

    public async Task<List<T>> Query<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        var (text, parameters) = sql.Render();
        await using var command = _readers.CreateCommand(text);
        foreach (var value in parameters)
        {
            command.Parameters.Add(value switch
            {
                string chars => new NpgsqlParameter<string> { TypedValue = chars },
                long number => new NpgsqlParameter<long> { TypedValue = number },
                _ => throw new ArgumentOutOfRangeException(nameof(sql), value, "Not a type of parameter."),
            });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(read(reader));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        Writes.Close();
        if (_running is not null) await Task.WhenAll(_running);
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
    }

    private static NpgsqlDataSourceBuilder Source(NpgsqlConnectionStringBuilder address, string name, int connections) => new(
        new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            ApplicationName = name,
            MaxPoolSize = connections,
            // Statements are few and recur; nothing we do leaves a session changed.
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
        }.ConnectionString);

    /// <summary>
    /// A plan that was made while a table was small must not read all of it once it is large: writers find rows by their keys and in no other way.
    /// </summary>
    private static void FindRowsByKey(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(FindByKey, connection);
        command.ExecuteNonQuery();
    }

    private static async Task FindRowsByKeyAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(FindByKey, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Advice(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "Check user and password.",
        PostgresErrorCodes.InvalidCatalogName => "Create the database (CREATE DATABASE … ENCODING 'UTF8') or name another.",
        PostgresErrorCodes.InsufficientPrivilege => "Let the user create tables: GRANT CREATE ON SCHEMA public TO the user, or make it the database's owner.",
        _ => $"(SQLSTATE {state})",
    };

    private async Task CheckServer(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (connection.PostgreSqlVersion.Major < OldestMajorVersion)
        {
            throw new StorageConfigurationException(
                $"Database: the server is PostgreSQL {connection.PostgreSqlVersion}; use version {OldestMajorVersion} or newer.");
        }
        if (await Show(connection, "server_encoding", cancellation) is var encoding and not "UTF8")
        {
            throw new StorageConfigurationException($"Database: its encoding is {encoding}; create one with ENCODING 'UTF8'.");
        }
        foreach (var setting in new[] { "fsync", "synchronous_commit", "full_page_writes" })
        {
            if (await Show(connection, setting, cancellation) is var value and "off") StorageLog.NotDurable(_logger, setting, value);
        }
    }

    private static async Task<string> Show(NpgsqlConnection connection, string setting, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT current_setting($1)", connection) { Parameters = { new() { Value = setting } } };
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>All pending steps in one transaction, one process at a time.</summary>
    private async Task Migrate(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Run(connection, $"SELECT pg_advisory_xact_lock({MigrationLock})", cancellation);
        await Run(
            connection,
            $"CREATE TABLE IF NOT EXISTS {MigrationSet.TableName} (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied timestamptz NOT NULL)",
            cancellation);
        foreach (var step in MigrationSet.Pending(MigrationSet.Load("PostgreSql"), await Applied(connection, cancellation)))
        {
            await Run(connection, step.Text, cancellation);
            await using var record = new NpgsqlCommand(
                $"INSERT INTO {MigrationSet.TableName} (number, name, checksum, applied) VALUES ($1, $2, $3, $4)", connection)
            {
                Parameters =
                {
                    new() { Value = step.Number }, new() { Value = step.Name }, new() { Value = step.Checksum }, new() { Value = _time.GetUtcNow() },
                },
            };
            await record.ExecuteNonQueryAsync(cancellation);
            StorageLog.MigrationApplied(_logger, step.Number, step.Name);
        }
        await transaction.CommitAsync(cancellation);
    }

    private static async Task<List<AppliedMigration>> Applied(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"SELECT number, name, checksum FROM {MigrationSet.TableName} ORDER BY number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var applied = new List<AppliedMigration>();
        while (await reader.ReadAsync(cancellation)) applied.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private static async Task Run(NpgsqlConnection connection, string text, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Text of this program: its constants and its embedded migrations.
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = (int)StepTimeMax.TotalSeconds };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
