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
        await using var source = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={server!.Port};Username=osmo;Database=postgres;Search Path={_schema};Pooling=false");
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Kills the store's connections, as a failing network or a restarted server would. One test at a time uses the server.</summary>
    public Task KillConnections() => Administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'osmo %'");
}
