namespace Osmo.Storage.Objects;

/// <summary>Which store <see cref="StorageOptions.Objects"/> names.</summary>
internal static class ObjectStores
{
    private const string Forms = "Use 'file:<folder>' or 's3://bucket?endpoint=<url>&region=<region>'.";

    public static IObjectStore Create(StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Objects)) throw new StorageConfigurationException($"Objects is not set. {Forms}");
        if (options.Objects.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            var folder = options.Objects["file:".Length..];
            if (folder.Length == 0) throw new StorageConfigurationException($"Objects: '{options.Objects}' names no folder. {Forms}");
            return new FolderObjectStore(folder);
        }
        throw new StorageConfigurationException($"Objects: '{options.Objects}' names no store this program knows. {Forms}");
    }
}
