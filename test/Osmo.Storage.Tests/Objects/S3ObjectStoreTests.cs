using Amazon.S3;
using Osmo.Storage.Database;
using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

public sealed class S3ObjectStoreTests : ObjectStoreContract
{
    private S3TestServer? _server;
    private IOpenableObjectStore? _store;

    protected override IObjectStore Store => _store!;

    public override async Task InitializeAsync()
    {
        _server = await S3TestServer.Start();
        _store = Create($"s3://{S3TestServer.Bucket}/some/prefix?endpoint={_server.Endpoint}&region=eu-central-1");
        await _store.Open(CancellationToken.None);
    }

    public override async Task DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task Write_Prefix_StandsBeforeTheKey()
    {
        await Write("a/b", "x");
        Assert.Equal(["some/prefix/a/b"], _server!.Keys);
    }

    [Fact]
    public async Task Open_BucketThatIsNotThere_NamesSettingAndFix()
    {
        var error = await Assert.ThrowsAsync<StorageConfigurationException>(
            () => Create($"s3://other?endpoint={_server!.Endpoint}").Open(CancellationToken.None));
        Assert.Contains("Objects: bucket 'other'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check that the bucket exists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WrongKeys_IsRefused() => await Assert.ThrowsAsync<StorageConfigurationException>(
        () => Create($"s3://{S3TestServer.Bucket}?endpoint={_server!.Endpoint}", "somebody-else").Open(CancellationToken.None));

    [Fact]
    public async Task Read_BucketGoneMeanwhile_IsAnErrorNotAnAbsentObject()
    {
        var error = await Assert.ThrowsAsync<AmazonS3Exception>(() => Create($"s3://other?endpoint={_server!.Endpoint}").Read("a"));
        Assert.False(TransientErrors.IsTransient(error));
    }

    private static IOpenableObjectStore Create(string objects, string accessKey = S3TestServer.AccessKey) => ObjectStores.Create(
        new StorageOptions { Database = "sqlite:unused", Objects = objects, ObjectsAccessKey = accessKey, ObjectsSecretKey = "test-secret" });
}
