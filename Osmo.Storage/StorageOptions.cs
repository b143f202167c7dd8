namespace Osmo.Storage;

/// <summary>Where state and objects live. Checked when storage opens; a wrong value is refused with the setting's name and the fix.</summary>
public sealed record StorageOptions
{
    /// <summary><c>sqlite:&lt;path of the file&gt;</c>, <c>postgres://user:password@host:port/database</c>, or an Npgsql keyword string.</summary>
    public required string Database { get; init; }

    /// <summary><c>file:&lt;folder&gt;</c> or <c>s3://bucket[/prefix][?endpoint=http://…&amp;region=…]</c>; an endpoint means path-style addresses.</summary>
    public required string Objects { get; init; }

    /// <summary>S3 keys; both or none. None: the SDK's own chain (environment, instance role).</summary>
    public string? ObjectsAccessKey { get; init; }

    public string? ObjectsSecretKey { get; init; }

    /// <summary>Connections that commit on PostgreSQL, 1 to 16. SQLite always has one.</summary>
    public int DatabaseWriters { get; init; } = 2;

    /// <summary>Connections that read on PostgreSQL, 1 to 200.</summary>
    public int DatabaseReaders { get; init; } = 16;
}

/// <summary>A setting is wrong or what it names cannot be used. The message names the setting, what was found, and the fix.</summary>
public sealed class StorageConfigurationException : Exception
{
    public StorageConfigurationException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
