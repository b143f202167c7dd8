using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

namespace Osmo.Runtime.Data;

/// <summary>A prefix of a bucket with the S3 API (contract: runtime-protocol §16.4, §17.3).</summary>
internal sealed class BucketStore : IDataStore
{
    private const long MultipartThresholdBytes = 512L * 1024 * 1024;
    private const int ConcurrentParts = 5;
    private const int CopyBufferBytes = 128 * 1024;

    /// <summary>Error codes that come with the status of a bad request, and are none.</summary>
    private static readonly FrozenSet<string> PassingErrors = FrozenSet.Create(StringComparer.Ordinal, "RequestTimeout", "OperationAborted", "SlowDown");

    private readonly AmazonS3Client _client;
    private readonly TransferUtility _transfer;
    private readonly DataUrl.Bucket _bucket;

    private BucketStore(AmazonS3Client client, DataUrl.Bucket bucket)
    {
        (_client, _bucket) = (client, bucket);
        _transfer = new TransferUtility(
            client,
            new TransferUtilityConfig { ConcurrentServiceRequests = ConcurrentParts, MinSizeBeforePartUpload = MultipartThresholdBytes });
    }

    /// <exception cref="DataTransferException">There are no credentials for a place that needs some.</exception>
    public static BucketStore Open(DataUrl.Bucket bucket, DataCredentials credentials, RoleEnvironment environment)
    {
        var endpoint = credentials.OverrideUrl ?? bucket.Endpoint;
        var config = new AmazonS3Config
        {
            AuthenticationRegion = credentials.Region ?? bucket.DefaultRegion,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ForcePathStyle = UsesPathStyle(credentials, environment),
        };
        if (endpoint is not null)
            config.ServiceURL = endpoint;
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(config.AuthenticationRegion);
        if (credentials is { AccessKeyId: { } id, AccessKey: { } key })
            return new BucketStore(new AmazonS3Client(new BasicAWSCredentials(id, key), config), bucket);
        return bucket.AllowsAmbientCredentials
            ? new BucketStore(new AmazonS3Client(config), bucket)
            : throw new DataTransferException(
                $"There are no credentials for '{bucket.Profile}'; set a DATA credential with this endpoint.");
    }

    public async Task CheckAccess(bool write, CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = _bucket.Prefix, MaxKeys = 1 };
        await Translate(() => _client.ListObjectsV2Async(request, cancellation), cancellation);
    }

    public async IAsyncEnumerable<StoredFile> List([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (_bucket.Prefix.Length > 0 && await Head(cancellation) is { } bytes)
        {
            yield return new StoredFile(_bucket.Prefix.Split('/')[^1], bytes, IsRoot: true);
            yield break;
        }

        var below = _bucket.Prefix.Length == 0 ? "" : _bucket.Prefix + "/";
        var request = new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = below };
        do
        {
            var page = await Translate(() => _client.ListObjectsV2Async(request, cancellation), cancellation);
            foreach (var entry in page.S3Objects ?? [])
            {
                if (!entry.Key.EndsWith('/'))
                    yield return new StoredFile(entry.Key[below.Length..], entry.Size ?? 0);
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task Download(StoredFile file, string localPath, Action progress, CancellationToken cancellation)
    {
        var key = file.IsRoot ? _bucket.Prefix : Key(file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(localPath)!);
        var part = $"{localPath}.osmo-part";
        using (var response = await Translate(() => _client.GetObjectAsync(_bucket.Name, key, cancellation), cancellation))
        {
            await using var target = File.Create(part);
            await Copy(response.ResponseStream, target, progress, cancellation);
        }

        File.Move(part, localPath, overwrite: true);
    }

    public async Task Upload(string localPath, string path, Action progress, CancellationToken cancellation)
    {
        await Translate(
            async () =>
            {
                if (new FileInfo(localPath).Length > MultipartThresholdBytes)
                    await UploadInParts(localPath, path, progress, cancellation);
                else
                    await UploadWhole(localPath, path, progress, cancellation);
                return true;
            },
            cancellation);
    }

    public void Dispose()
    {
        _transfer.Dispose();
        _client.Dispose();
    }

    /// <summary>In one plain body: not every service with the S3 API knows chunked signatures.</summary>
    private async Task UploadWhole(string localPath, string path, Action progress, CancellationToken cancellation)
    {
        var request = new PutObjectRequest
        {
            BucketName = _bucket.Name,
            Key = Key(path),
            FilePath = localPath,
            ContentType = ContentTypes.Of(path),
            UseChunkEncoding = false,
        };
        request.StreamTransferProgress += (_, _) => progress();
        await _client.PutObjectAsync(request, cancellation);
    }

    private async Task UploadInParts(string localPath, string path, Action progress, CancellationToken cancellation)
    {
        var request = new TransferUtilityUploadRequest
        {
            BucketName = _bucket.Name,
            Key = Key(path),
            FilePath = localPath,
            ContentType = ContentTypes.Of(path),
        };
        request.UploadProgressEvent += (_, _) => progress();
        await _transfer.UploadAsync(request, cancellation);
    }

    private static bool UsesPathStyle(DataCredentials credentials, RoleEnvironment environment)
    {
        var style = credentials.AddressingStyle ?? environment.Variable("OSMO_S3_ADDRESSING_STYLE");
        return style is null ? environment.Variable("AWS_S3_FORCE_PATH_STYLE") is "true" or "1" : style == "path";
    }

    /// <summary>What goes wrong with the local file is not the store's, and does not pass.</summary>
    private async Task Copy(Stream from, Stream to, Action progress, CancellationToken cancellation)
    {
        var buffer = new byte[CopyBufferBytes];
        for (int count; (count = await Translate(() => from.ReadAsync(buffer, cancellation).AsTask(), cancellation)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
            progress();
        }
    }

    private string Key(string path) => _bucket.Prefix.Length == 0 ? path : $"{_bucket.Prefix}/{path}";

    private async Task<long?> Head(CancellationToken cancellation)
    {
        try
        {
            var found = await Translate(() => _client.GetObjectMetadataAsync(_bucket.Name, _bucket.Prefix, cancellation), cancellation);
            return found.ContentLength;
        }
        catch (DataTransferException exception) when (exception.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    private static bool MayPass(AmazonS3Exception exception) =>
        exception.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || PassingErrors.Contains(exception.ErrorCode);

    /// <summary>Tells what may pass from what may not: one judge for every request.</summary>
    private async Task<T> Translate<T>(Func<Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await request();
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new DataAccessException($"{_bucket.Text}: {exception.Message}", exception);
        }
        catch (AmazonS3Exception exception)
            when ((int)exception.StatusCode is >= 400 and < 500 && !MayPass(exception))
        {
            throw new DataTransferException($"{_bucket.Text}: {exception.Message}", exception);
        }
        catch (AmazonClientException exception) when (exception.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase))
        {
            throw new DataAccessException($"{_bucket.Text}: {exception.Message}", exception);
        }
        catch (Exception exception)
            when (exception is AmazonServiceException or AmazonClientException or HttpRequestException or SocketException or IOException
            or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new DataTransientException($"{_bucket.Text}: {exception.Message}", exception);
        }
    }
}
