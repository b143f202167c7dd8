using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
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
    public Task<OsmoStorage> Open(string folder) => OsmoStorage.Open(
        new StorageOptions { Database = Setting, Objects = $"file:{folder}" }, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Kills the store's connections, as a failing network or a restarted server would. One test at a time uses the server.</summary>
    public Task KillConnections() => Administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'osmo %'");

    /// <summary>Keeps everybody from writing a table until it is disposed.</summary>
    public async Task<TableLock> Lock(string table)
    {
        var source = Source();
        var connection = await source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"LOCK TABLE {table} IN SHARE MODE", connection);
        await command.ExecuteNonQueryAsync();
        return new(source, connection, transaction);
    }

    private NpgsqlDataSource Source() => NpgsqlDataSource.Create(
        $"Host=127.0.0.1;Port={server!.Port};Username=osmo;Database=postgres;Search Path={_schema};Pooling=false");
}

/// <summary>A table lock of a test.</summary>
public sealed class TableLock(NpgsqlDataSource source, NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(20);

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

    public async ValueTask DisposeAsync()
    {
        if (_released) return;
        _released = true;
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
        await source.DisposeAsync();
    }
}
