using Osmo.Storage;

namespace Osmo.Hosting.Settings;

/// <summary>Where all processes of a cluster keep state and objects; section <see cref="Section"/>.</summary>
public sealed class StorageSettings
{
    public const string Section = "Osmo:Storage";

    /// <summary><c>postgres://user:password@host:port/database</c> or an Npgsql keyword string. Also holds the cluster's membership and reminders.</summary>
    public string? Database { get; set; }

    /// <summary><c>s3://bucket[/prefix][?endpoint=http://…&amp;region=…]</c>, or <c>file:folder</c> on a disk that all processes share.</summary>
    public string? Objects { get; set; }

    /// <summary>S3 keys; both or none. None: the SDK's own chain (environment, instance role).</summary>
    public string? ObjectsAccessKey { get; set; }

    public string? ObjectsSecretKey { get; set; }

    /// <summary>Connections of this process that commit, 1 to 16.</summary>
    public int DatabaseWriters { get; set; } = 2;

    /// <summary>Connections of this process that read, 1 to 200.</summary>
    public int DatabaseReaders { get; set; } = 16;

    /// <exception cref="SettingsException">Something is missing or cannot be used by a cluster.</exception>
    public StorageOptions ToOptions()
    {
        if (string.IsNullOrWhiteSpace(Database) || !PostgresAddress.Names(Database))
        {
            throw new SettingsException(
                $"{Section}:{nameof(Database)} must name a PostgreSQL database that all processes of the cluster use: postgres://user:password@host:port/database.");
        }

        if (string.IsNullOrWhiteSpace(Objects))
        {
            throw new SettingsException(
                $"{Section}:{nameof(Objects)} is not set: s3://bucket[?endpoint=http://…], or file:FOLDER on a disk that all processes of the cluster share.");
        }

        return new()
        {
            Database = Database,
            Objects = Objects,
            ObjectsAccessKey = ObjectsAccessKey,
            ObjectsSecretKey = ObjectsSecretKey,
            DatabaseWriters = DatabaseWriters,
            DatabaseReaders = DatabaseReaders,
        };
    }
}
