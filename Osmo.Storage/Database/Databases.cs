using Microsoft.Extensions.Logging;
using Osmo.Storage.PostgreSql;
using Osmo.Storage.Sqlite;

namespace Osmo.Storage.Database;

/// <summary>Which engine <see cref="StorageOptions.Database"/> names.</summary>
internal static class Databases
{
    private const string Forms = "Use 'sqlite:<path of the file>' or 'postgres://user:password@host:port/database'.";

    public static IDatabase Create(StorageOptions options, TimeProvider time, ILogger logger)
    {
        if (string.IsNullOrWhiteSpace(options.Database)) throw new StorageConfigurationException($"Database is not set. {Forms}");
        if (options.Database.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase))
        {
            var path = options.Database["sqlite:".Length..];
            if (path.Length == 0) throw new StorageConfigurationException($"Database: '{options.Database}' names no file. {Forms}");
            return new SqliteDatabase(path, time, logger);
        }
        if (PostgresUrl.IsUrl(options.Database) || PostgresUrl.IsKeywords(options.Database))
        {
            Require(nameof(options.DatabaseWriters), options.DatabaseWriters, 16);
            Require(nameof(options.DatabaseReaders), options.DatabaseReaders, 200);
            return new PostgresDatabase(PostgresUrl.Parse(options.Database), options, time, logger);
        }
        throw new StorageConfigurationException($"Database: the value names no database this program knows. {Forms}");
    }

    private static void Require(string setting, int value, int most)
    {
        if (value < 1 || value > most) throw new StorageConfigurationException($"{setting} is {value}; allowed are 1 to {most}.");
    }
}
