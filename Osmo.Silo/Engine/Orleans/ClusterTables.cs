using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Osmo.Silo.Engine;

/// <summary>Looks, before the silo starts, whether the cluster database has the tables that Orleans brings scripts for.</summary>
internal sealed class ClusterTables(string connectionString) : IHostedLifecycleService
{
    private static readonly string[] Tables = ["orleansquery", "orleansmembershiptable", "orleansreminderstable"];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Tables });
        var missing = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) missing.Add(reader.GetString(0));
        if (missing.Count == 0) return;

        throw new InvalidOperationException(
            $"{SiloOptions.Section}:{nameof(SiloOptions.ClusterDatabase)}: database '{connection.Database}' lacks {string.Join(", ", missing)}. Run Orleans' scripts "
            + "PostgreSQL-Main.sql, PostgreSQL-Clustering.sql and PostgreSQL-Reminders.sql on it, in this order.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
