using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Osmo.Silo.Engine;

/// <summary>Looks, before the silo starts, whether the cluster database has the tables that Orleans brings scripts for.</summary>
internal sealed class ClusterTables(string connectionString) : IHostedLifecycleService
{
    private const string Scripts =
        "PostgreSQL-Main.sql, PostgreSQL-Clustering.sql, PostgreSQL-Clustering-3.7.0.sql and PostgreSQL-Reminders.sql";

    private static readonly string[] Tables = ["orleansquery", "orleansmembershiptable", "orleansreminderstable"];

    /// <summary>The last script brings no table, only this query.</summary>
    private const string NewestQuery = "CleanupDefunctSiloEntriesKey";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        var missing = await Strings(connection, "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL", Tables, cancellationToken);
        if (missing.Count == 0)
        {
            missing = await Strings(
                connection,
                "SELECT key FROM unnest($1) AS key WHERE NOT EXISTS (SELECT FROM orleansquery WHERE querykey = key)",
                [NewestQuery],
                cancellationToken);
        }

        if (missing.Count == 0) return;

        throw new InvalidOperationException(
            $"{SiloOptions.Section}:{nameof(SiloOptions.ClusterDatabase)}: database '{connection.Database}' lacks {string.Join(", ", missing)}. "
            + $"Run Orleans' scripts on it, in this order: {Scripts}.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<List<string>> Strings(NpgsqlConnection connection, string sql, string[] names, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = names });
        var found = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) found.Add(reader.GetString(0));
        return found;
    }
}
