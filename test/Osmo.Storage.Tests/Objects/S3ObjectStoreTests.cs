using Amazon.S3;
using Osmo.Storage.Database;
using Osmo.Storage.Objects;

namespace Osmo.Storage.Tests.Objects;

public sealed class S3ObjectStoreTests : ObjectStoreContract
{
    /// <summary>A wait longer than this is a failed test.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

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

    [Fact]
    public async Task Write_ManyLargeStreamsWithoutLength_HoldsFewOfThem_AndSmallOnesDoNotWait()
    {
        const int Large = 1 << 20;
        const int Writers = 12;
        var (inHand, most) = (0, 0);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server!.Arrived = async key =>
        {
            if (key.EndsWith("small", StringComparison.Ordinal)) return;
            var now = Interlocked.Increment(ref inHand);
            InterlockedMax(ref most, now);
            if (now == SpooledContent.FilesMax) full.TrySetResult();
            await release.Task;
            Interlocked.Decrement(ref inHand);
        };
        var writes = Enumerable.Range(0, Writers).Select(number => Store.Write($"large/{number}", new Zeros(Large))).ToArray();
        await full.Task.WaitAsync(Patience);
        await Store.Write("small", new Zeros(1 << 10)).WaitAsync(Patience);
        release.SetResult();
        await Task.WhenAll(writes).WaitAsync(Patience);

        Assert.Equal(SpooledContent.FilesMax, most);
        await using var read = await Store.Read($"large/{Writers - 1}");
        using var copy = new MemoryStream();
        await read!.CopyToAsync(copy);
        Assert.Equal(Large, copy.Length);
    }

    [Fact]
    public async Task Write_StreamWithoutLength_BeyondTheBound_IsRefused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Store.Write("huge", new Zeros(SpooledContent.BytesMax + 1)));
        Assert.Contains($"{SpooledContent.BytesMax} bytes", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server!.Keys);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, now, seen);
    }

    private static IOpenableObjectStore Create(string objects, string accessKey = S3TestServer.AccessKey) => ObjectStores.Create(
        new StorageOptions { Database = "sqlite:unused", Objects = objects, ObjectsAccessKey = accessKey, ObjectsSecretKey = "test-secret" });

    /// <summary>So many zeros, and then its end; it cannot seek.</summary>
    private sealed class Zeros(long bytes) : Stream
    {
        private long _left = bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, _left);
            Array.Clear(buffer, offset, given);
            _left -= given;
            return given;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
