using System.CommandLine;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using Osmo.Testing;

namespace Osmo.Bench.Server;

/// <summary>A throw-away database for the server under test, and what it can do by itself: commits of one row of JSON.</summary>
internal abstract class TestedDatabase : IAsyncDisposable
{
    /// <summary>About what a task's row has.</summary>
    protected static readonly string Document = $$"""{"status":"RUNNING","text":"{{new string('x', 900)}}"}""";

    private static readonly string[] Known = ["sqlite", "postgres"];

    public abstract string Name { get; }

    public abstract string Address { get; }

    /// <summary>Opens as many connections; each call of the result, given the number of its caller, is one durable commit.</summary>
    public abstract Task<Func<int, Task>> RawCommits(int callers);

    public abstract ValueTask DisposeAsync();

    public static Option<string?> Option()
    {
        var option = new Option<string?>("--database") { Description = "sqlite or postgres; both when absent." };
        option.AcceptOnlyFromAmong(Known);
        return option;
    }

    /// <summary>Runs the measurement on each database that was asked for, in a folder that is then deleted.</summary>
    public static async Task Each(string? only, Func<TestedDatabase, string, Task> measure)
    {
        foreach (var name in Known.Where(name => only is null || only == name))
        {
            if (name == "postgres" && PostgresServer.SkipReason is { } reason)
            {
                Console.WriteLine(reason);
                continue;
            }
            var folder = Directory.CreateTempSubdirectory("osmo-bench-").FullName;
            try
            {
                await using TestedDatabase database = name == "sqlite" ? new TestedSqlite(folder) : new TestedPostgres(await AgedPostgres.Start());
                await measure(database, folder);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}

/// <summary>One file has one writer, so callers take turns.</summary>
internal sealed class TestedSqlite(string folder) : TestedDatabase
{
    private SqliteConnection? _raw;

    public override string Name => "sqlite";

    public override string Address => $"sqlite:{folder}/osmo.db";

    public override Task<Func<int, Task>> RawCommits(int callers)
    {
        var connection = _raw ??= Open();
        var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO raw (document) VALUES ($1)";
        command.Parameters.AddWithValue("$1", Document);
        var gate = new Lock();
        return Task.FromResult<Func<int, Task>>(_ => Task.Run(() =>
        {
            lock (gate) command.ExecuteNonQuery();
        }));
    }

    public override ValueTask DisposeAsync()
    {
        _raw?.Dispose();
        return ValueTask.CompletedTask;
    }

    private SqliteConnection Open()
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={folder}/raw.db;Pooling=false");
        connection.Open();
        using var prepare = connection.CreateCommand();
        prepare.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE raw (document TEXT)";
        prepare.ExecuteNonQuery();
        return connection;
    }
}

/// <summary>Throw-away server of this machine's binaries, which syncs each commit to disk; one connection for each caller.</summary>
internal sealed class TestedPostgres(PostgresServer server) : TestedDatabase
{
    private readonly NpgsqlDataSource _raw = NpgsqlDataSource.Create(
        $"Host=127.0.0.1;Port={server.Port};Username=osmo;Database=postgres;MaxPoolSize=256;MaxAutoPrepare=4;AutoPrepareMinUsages=1");

    public override string Name => "postgres";

    /// <summary>Past the server under test.</summary>
    public NpgsqlDataSource Source => _raw;

    public override string Address => server.Address("postgres");

    public override async Task<Func<int, Task>> RawCommits(int callers)
    {
        await using (var prepare = _raw.CreateCommand("CREATE TABLE IF NOT EXISTS raw (document json)")) await prepare.ExecuteNonQueryAsync();
        return async _ =>
        {
            await using var command = _raw.CreateCommand("INSERT INTO raw VALUES ($1)");
            command.Parameters.Add(new() { Value = Document, NpgsqlDbType = NpgsqlDbType.Json });
            await command.ExecuteNonQueryAsync();
        };
    }

    public override async ValueTask DisposeAsync()
    {
        await _raw.DisposeAsync();
        await server.DisposeAsync();
    }
}
