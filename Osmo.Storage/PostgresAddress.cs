using Npgsql;
using Osmo.Storage.PostgreSql;

namespace Osmo.Storage;

/// <summary>The database of <see cref="StorageOptions.Database"/>, for others who keep tables in it: its schema has those of a cluster of silos too.</summary>
public static class PostgresAddress
{
    /// <summary>Whether the setting names a PostgreSQL database at all.</summary>
    public static bool Names(string database) => PostgresUrl.IsUrl(database) || PostgresUrl.IsKeywords(database);

    /// <summary>As Npgsql keywords.</summary>
    /// <param name="application">What the server shows of the connections.</param>
    /// <param name="connectionsMax">Connections of this process under that name.</param>
    /// <exception cref="StorageConfigurationException">The address cannot be read.</exception>
    public static string ToKeywords(string database, string application, int connectionsMax) =>
        new NpgsqlConnectionStringBuilder(PostgresUrl.Parse(database).ConnectionString)
        {
            ApplicationName = application,
            MaxPoolSize = connectionsMax,
        }.ConnectionString;
}
