using Npgsql;
using Osmo.Testing;

namespace Osmo.Bench.Server;

/// <summary>
/// A throw-away PostgreSQL whose write-ahead log is that of a server which has run for a while: its files are recycled. A fresh one makes and syncs each file of 16 MB when it is
/// first needed, and all commits wait for that.
/// </summary>
internal static class AgedPostgres
{
    private const int LogFiles = 64;

    private const int MegabytesInFile = 16;

    public static async Task<PostgresServer> Start()
    {
        var server = await PostgresServer.Start();
        try
        {
            await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username=osmo;Database=postgres;Pooling=false");
            await using var connection = await source.OpenConnectionAsync();
            await Execute($"ALTER SYSTEM SET min_wal_size = '{LogFiles * MegabytesInFile}MB'");
            await Execute($"ALTER SYSTEM SET max_wal_size = '{4 * LogFiles * MegabytesInFile}MB'");
            await Execute("SELECT pg_reload_conf()");
            for (var file = 0; file < LogFiles; file++)
            {
                await Execute("SELECT pg_logical_emit_message(false, 'bench', 'something')");
                await Execute("SELECT pg_switch_wal()");
            }
            await Execute("CHECKPOINT");
            return server;

            async Task Execute(string sql)
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync();
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
