namespace Osmo.Runtime.Data;

/// <summary>Opens the store of a URL with the credentials of one file.</summary>
internal static class DataStores
{
    /// <exception cref="DataTransferException">The URL or the credentials file is not valid.</exception>
    public static IDataStore Open(string url, string credentialsFile, RoleEnvironment environment) => DataUrl.Parse(url) switch
    {
        DataUrl.Folder folder => new FolderStore(folder.Path),
        DataUrl.Bucket bucket => OpenBucket(bucket, credentialsFile, environment),
        var other => throw new DataTransferException($"'{other.Text}' has no store."),
    };

    /// <summary>Apart, so that a task without buckets never loads the SDK.</summary>
    private static BucketStore OpenBucket(DataUrl.Bucket bucket, string credentialsFile, RoleEnvironment environment) =>
        BucketStore.Open(bucket, DataCredentials.Find(credentialsFile, bucket.Profile), environment);
}
