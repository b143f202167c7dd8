using Amazon.Runtime;

namespace Osmo.Storage.Objects;

/// <summary>A store that must be found usable before it is used.</summary>
internal interface IOpenableObjectStore : IObjectStore
{
    /// <summary>Throws <see cref="StorageConfigurationException"/>.</summary>
    Task Open(CancellationToken cancellation);
}

/// <summary>Which store <see cref="StorageOptions.Objects"/> names.</summary>
internal static class ObjectStores
{
    private const string Forms = "Use 'file:<folder>' or 's3://bucket?endpoint=<url>&region=<region>'.";

    public static IOpenableObjectStore Create(StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Objects)) throw new StorageConfigurationException($"Objects is not set. {Forms}");
        if (options.Objects.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            var folder = options.Objects["file:".Length..];
            if (folder.Length == 0) throw new StorageConfigurationException($"Objects: '{options.Objects}' names no folder. {Forms}");
            return new FolderObjectStore(folder);
        }
        if (options.Objects.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
        {
            return new S3ObjectStore(S3Address.Parse(options.Objects), Credentials(options));
        }
        throw new StorageConfigurationException($"Objects: '{options.Objects}' names no store this program knows. {Forms}");
    }

    private static BasicAWSCredentials? Credentials(StorageOptions options) => (options.ObjectsAccessKey, options.ObjectsSecretKey) switch
    {
        ({ Length: > 0 } access, { Length: > 0 } secret) => new(access, secret),
        (null or "", null or "") => null,
        _ => throw new StorageConfigurationException("ObjectsAccessKey and ObjectsSecretKey go together; set both or none."),
    };
}
