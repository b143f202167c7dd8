using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Osmo.Storage.Tests.Objects;

/// <summary>As much of S3 as the object store uses, over real HTTP: one bucket, path-style, PUT, GET, HEAD, DELETE and ListObjectsV2 in pages of three.</summary>
public sealed class S3TestServer : IAsyncDisposable
{
    public const string Bucket = "bucket";

    public const string AccessKey = "test-access";

    private const int PageKeys = 3;

    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private S3TestServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(Answer);
    }

    public string Endpoint => _app.Urls.Single();

    public IEnumerable<string> Keys => _objects.Keys;

    /// <summary>Told the key of each object that has arrived; it is stored, and the client answered, when the task is done.</summary>
    public Func<string, Task> Arrived { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the next requests are answered, one each.</summary>
    public ConcurrentQueue<(int Status, string Code)> Faults { get; } = new();

    public void Add(string key, byte[] content) => _objects[key] = content;

    public static async Task<S3TestServer> Start()
    {
        var server = new S3TestServer();
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task Answer(HttpContext http)
    {
        if (!http.Request.Headers.Authorization.ToString().Contains($"Credential={AccessKey}/", StringComparison.Ordinal))
        {
            return Refuse(http, 403, "InvalidAccessKeyId");
        }
        if (Faults.TryDequeue(out var fault)) return Refuse(http, fault.Status, fault.Code);
        var path = http.Request.Path.Value!.TrimStart('/').Split('/', 2);
        if (path[0] != Bucket) return Refuse(http, 404, "NoSuchBucket");
        var key = path.Length > 1 ? path[1] : "";
        return (http.Request.Method, key) switch
        {
            ("GET", "") => List(http),
            ("PUT", _) => Put(http, key),
            ("GET" or "HEAD", _) => _objects.TryGetValue(key, out var found) ? Give(http, found) : Refuse(http, 404, "NoSuchKey"),
            ("DELETE", _) => Delete(http, key),
            _ => Refuse(http, 501, "NotImplemented"),
        };
    }

    private async Task Put(HttpContext http, string key)
    {
        if (http.Request.Headers.ContentEncoding.Contains("aws-chunked"))
        {
            await Refuse(http, 501, "NotImplemented");
            return;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        await Arrived(key);
        _objects[key] = body.ToArray();
        http.Response.Headers.ETag = Tag(_objects[key]);
    }

    private static async Task Give(HttpContext http, byte[] content)
    {
        http.Response.ContentLength = content.Length;
        http.Response.Headers.ETag = Tag(content);
        if (http.Request.Method == "GET") await http.Response.Body.WriteAsync(content);
    }

    // The client checks what it read against it.
#pragma warning disable CA5351 // MD5 is what the protocol says.
    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351

    private Task Delete(HttpContext http, string key)
    {
        _objects.TryRemove(key, out _);
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private Task List(HttpContext http)
    {
        var prefix = http.Request.Query["prefix"].ToString();
        var after = http.Request.Query["continuation-token"].ToString();
        string[] keys =
        [
            .. _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after) > 0).Order(StringComparer.Ordinal),
        ];
        var page = keys.Take(PageKeys).ToArray();
        var more = keys.Length > page.Length;
        var body = new XElement(
            S3 + "ListBucketResult",
            new XElement(S3 + "Name", Bucket), new XElement(S3 + "KeyCount", page.Length), new XElement(S3 + "IsTruncated", more),
            more ? new XElement(S3 + "NextContinuationToken", page[^1]) : null,
            page.Select(key => new XElement(S3 + "Contents", new XElement(S3 + "Key", key), new XElement(S3 + "Size", _objects[key].Length))));
        http.Response.ContentType = "application/xml";
        return http.Response.WriteAsync(body.ToString());
    }

    private static Task Refuse(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        return http.Request.Method == "HEAD" ? Task.CompletedTask : http.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }
}
