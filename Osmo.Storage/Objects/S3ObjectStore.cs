using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Osmo.Storage.Objects;

/// <summary>Objects in a bucket of S3 or of a store that speaks its protocol.</summary>
internal sealed class S3ObjectStore : IOpenableObjectStore, IDisposable
{
    /// <summary>The most that S3 takes in one request, which is what makes a write atomic.</summary>
    private const long ObjectBytesMax = 5L << 30;

    private readonly S3Address _address;
    private readonly AmazonS3Client _client;
    private readonly SemaphoreSlim _spoolFiles = new(SpooledContent.FilesMax);

    public S3ObjectStore(S3Address address, AWSCredentials? credentials)
    {
        _address = address;
        var config = new AmazonS3Config();
        if (address.Region is { } region) config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        if (address.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = address.Region ?? "us-east-1";
            config.ForcePathStyle = true;
            // Not every compatible store knows the newer checksum trailers.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        try
        {
            _client = credentials is null ? new(config) : new(credentials, config);
        }
        catch (AmazonClientException error)
        {
            throw new StorageConfigurationException($"Objects: {error.Message}. Add '?region=<region>' or '?endpoint=<url>' to the address.", error);
        }
    }

    public async Task Open(CancellationToken cancellation)
    {
        try
        {
            await _client.ListObjectsV2Async(new() { BucketName = _address.Bucket, Prefix = _address.Prefix, MaxKeys = 1 }, cancellation);
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException or HttpRequestException or SocketException)
        {
            throw new StorageConfigurationException(
                $"Objects: bucket '{_address.Bucket}' at {_address.Endpoint ?? "AWS"} cannot be used: {error.Message} "
                + "Check that the bucket exists, the endpoint or region, and the access keys.", error);
        }
    }

    public async Task Write(string key, Stream content, CancellationToken cancellation = default)
    {
        var name = NameOf(key);
        // The protocol needs the length first.
        await using var spooled = content.CanSeek ? null : await SpooledContent.Read(content, _spoolFiles, cancellation);
        var body = spooled?.Stream ?? content;
        if (body.Length - body.Position > ObjectBytesMax) throw new ArgumentException($"Object '{key}' is larger than {ObjectBytesMax} bytes.", nameof(content));
        await _client.PutObjectAsync(
            new() { BucketName = _address.Bucket, Key = name, InputStream = body, AutoCloseStream = false, AutoResetStreamPosition = false, UseChunkEncoding = false },
            cancellation);
    }

    public async Task<Stream?> Read(string key, CancellationToken cancellation = default)
    {
        try
        {
            var response = await _client.GetObjectAsync(new() { BucketName = _address.Bucket, Key = NameOf(key) }, cancellation);
            return response.ResponseStream;
        }
        catch (AmazonS3Exception error) when (error.ErrorCode is "NoSuchKey" or "NotFound")
        {
            return null;
        }
    }

    public async IAsyncEnumerable<string> List(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var pages = _client.Paginators.ListObjectsV2(new() { BucketName = _address.Bucket, Prefix = _address.Prefix + prefix });
        await foreach (var entry in pages.S3Objects.WithCancellation(cancellation)) yield return entry.Key[_address.Prefix.Length..];
    }

    public Task Delete(string key, CancellationToken cancellation = default) =>
        _client.DeleteObjectAsync(new() { BucketName = _address.Bucket, Key = NameOf(key) }, cancellation);

    public void Dispose() => _client.Dispose();

    private string NameOf(string key) => _address.Prefix + ObjectKey.Checked(key);
}
