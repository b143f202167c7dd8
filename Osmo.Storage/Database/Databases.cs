using Microsoft.Extensions.Logging;
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
        throw new StorageConfigurationException($"Database: the value names no database this program knows. {Forms}");
    }
}
