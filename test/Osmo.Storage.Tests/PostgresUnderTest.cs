using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Osmo.Storage.PostgreSql;
using Osmo.Testing;

namespace Osmo.Storage.Tests;

/// <summary>One server for all tests on PostgreSQL, a schema for each.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public async Task InitializeAsync()
    {
        if (PostgresServer.SkipReason is null) _server = await PostgresServer.Start();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    public PostgresUnderTest Database() => new(_server);
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A schema for one test, which is much quicker to make than a database.</summary>
public sealed class PostgresUnderTest(PostgresServer? server) : IDatabaseUnderTest
{
    private string? _schema;

    public string Setting => $"{server!.Address("postgres")}?Search%20Path={_schema}";

    public async Task Create(string folder)
    {
        _schema = server!.NextDatabaseName();
        await Administer($"CREATE SCHEMA {_schema}");
    }

    public Task Drop() => Administer($"DROP SCHEMA {_schema} CASCADE");

    /// <summary>Runs one statement in the test's schema, past the store.</summary>
    public async Task Administer(string statement)
    {
        await using var source = Source();
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Opens storage on the schema as it is.</summary>
    /// <param name="options">More of the address, each with '&amp;' before it.</param>
    public Task<OsmoStorage> Open(string folder, string options = "") => OsmoStorage.Open(
        new StorageOptions { Database = Setting + options, Objects = $"file:{folder}" }, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Kills the store's connections, as a failing network or a restarted server would. One test at a time uses the server.</summary>
    public Task KillConnections() => Administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'osmo %'");

    /// <summary>Keeps everybody from writing a table until it is disposed.</summary>
    public Task<HeldLock> Lock(string table) => Hold($"LOCK TABLE {table} IN SHARE MODE");

    /// <summary>Keeps everybody from changing the schema until it is disposed.</summary>
    public Task<HeldLock> LockMigration() => Hold($"SELECT pg_advisory_xact_lock({PostgresDatabase.MigrationLock})");

    private async Task<HeldLock> Hold(string statement)
    {
        var source = Source();
        var connection = await source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
        return new(source, connection, transaction);
    }

    private NpgsqlDataSource Source() => NpgsqlDataSource.Create(
        $"Host=127.0.0.1;Port={server!.Port};Username=osmo;Database=postgres;Search Path={_schema};Pooling=false");
}

/// <summary>A lock of a test.</summary>
public sealed class HeldLock(NpgsqlDataSource source, NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(120);

    private bool _released;

    /// <summary>Returns when a writer of the store waits for the lock.</summary>
    public async Task WaitForWaiters()
    {
        using var limit = new CancellationTokenSource(WaitLimit);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'osmo writer' AND wait_event_type = 'Lock'", connection, transaction);
        do
        {
            // Within a transaction the view would stay as it was first seen.
            await using var refresh = new NpgsqlCommand("SELECT pg_stat_clear_snapshot()", connection, transaction);
            await refresh.ExecuteNonQueryAsync(limit.Token);
        }
        while ((long)(await command.ExecuteScalarAsync(limit.Token))! == 0);
    }

    /// <summary>Returns when it was held for that much longer.</summary>
    public async Task Hold(TimeSpan time)
    {
        await using var command = new NpgsqlCommand("SELECT pg_sleep($1)", connection, transaction) { Parameters = { new() { Value = time.TotalSeconds } } };
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_released) return;
        _released = true;
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
        await source.DisposeAsync();
    }
}
