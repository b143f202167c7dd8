using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Storage;
using Osmo.Bench.Server;
using Osmo.Testing;

namespace Osmo.Bench.Storage;

/// <summary><c>storage</c>: commits per second beside the raw limit of the database, and the time of lists over many workflows.</summary>
internal static class StorageBench
{
    public static Command Command()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long each commit figure is measured.", DefaultValueFactory = _ => 3 };
        var workflows = new Option<int>("--workflows") { Description = "How many workflows the lists run over.", DefaultValueFactory = _ => 100_000 };
        var database = new Option<string?>("--database") { Description = "sqlite or postgres; both when absent." };
        var command = new Command("storage", "State store and queries on SQLite and a throw-away PostgreSQL.") { seconds, workflows, database };
        command.SetAction((result, _) => Run(TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(workflows), result.GetValue(database)));
        return command;
    }

    private static async Task<int> Run(TimeSpan duration, int workflows, string? only)
    {
        var folder = Directory.CreateTempSubdirectory("osmo-bench-").FullName;
        try
        {
            if (only is null or "sqlite")
            {
                await using var raw = new SqliteRawLimit($"{folder}/raw.db");
                await Measure(raw, $"sqlite:{folder}/osmo.db", folder, duration, workflows);
            }
            if (only is null or "postgres")
            {
                if (PostgresServer.SkipReason is { } reason)
                {
                    Console.WriteLine(reason);
                    return 0;
                }
                await using var server = await AgedPostgres.Start();
                await using var raw = new PostgresRawLimit(server.Port);
                await Measure(raw, server.Address("postgres"), folder, duration, workflows);
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Measure(RawLimit raw, string database, string folder, TimeSpan duration, int workflows)
    {
        Console.WriteLine($"{raw.Name}");
        await raw.Prepare();
        await using var storage = await OsmoStorage.Open(
            new StorageOptions { Database = database, Objects = $"file:{folder}/objects" }, TimeProvider.System, NullLoggerFactory.Instance);
        await new CommitBench(storage.State, raw, duration).Run();
        await ListBench.Fill(storage.State, workflows);
        await raw.Settle();
        await ListBench.Run(storage.Queries, workflows);
    }
}
