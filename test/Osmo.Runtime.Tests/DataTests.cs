using System.Diagnostics;
using System.Net.Sockets;
using Osmo.Runtime.Data;
using Osmo.Runtime.Pods;
using Osmo.Testing;

namespace Osmo.Runtime.Tests;

public sealed class DataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("osmo-data").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("s3://bucket/a//b/", "s3://bucket", "bucket", "a/b", null)]
    [InlineData("gs://bucket", "gs://bucket", "bucket", "", "https://storage.googleapis.com")]
    [InlineData("swift://host/ns/container/p", "swift://host/ns", "container", "p", "https://host")]
    [InlineData("tos://tos-s3-cn-1.example.com/bucket/p", "tos://tos-s3-cn-1.example.com/bucket", "bucket", "p", "https://tos-s3-cn-1.example.com")]
    public void DataUrl_Bucket_ProfileAndPrefix(string url, string profile, string name, string prefix, string? endpoint)
    {
        var bucket = Assert.IsType<DataUrl.Bucket>(DataUrl.Parse(url));
        Assert.Equal((profile, name, prefix, endpoint), (bucket.Profile, bucket.Name, bucket.Prefix, bucket.Endpoint));
    }

    [Theory]
    [InlineData("http://x/y")]
    [InlineData("azure://account/container")]
    [InlineData("s3://")]
    [InlineData("swift://host/ns")]
    [InlineData("file://relative/path")]
    [InlineData("nonsense")]
    public void DataUrl_Bad_NamesIt(string url) =>
        Assert.Contains($"'{url}'", Assert.Throws<DataTransferException>(() => DataUrl.Parse(url)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("b", "a/b", false)]
    [InlineData("a", "a/b", true)]
    [InlineData("x|a", "a/b", true)]
    [InlineData(@"(?P<n>a)/(?P=n)\Z", "a/a", true)]
    [InlineData(@"(?P<n>a)/(?P=n)\Z", "a/ab", false)]
    [InlineData(@"a{,2}[[]b", "aa[b", true)]
    public void FileFilter_IsPythonsAndAnchoredAtStart(string pattern, string path, bool matches) => Assert.Equal(matches, FileFilter.Parse(pattern)!.IsMatch(path));

    [Fact]
    public void Credentials_OfProfile_Found()
    {
        var file = Path.Combine(_root, "config.yaml");
        File.WriteAllText(file, """
            auth:
              data:
                s3://b:
                  access_key_id: id
                  access_key: secret
                  endpoint: s3://b
                  override_url: http://127.0.0.1:9000
                s3://ambient: {endpoint: s3://ambient, region: eu}
            """);

        var credentials = DataCredentials.Find(file, "s3://b");
        Assert.Equal(new DataCredentials("id", "secret", null, "http://127.0.0.1:9000", null), credentials);
        Assert.DoesNotContain("secret", credentials.ToString(), StringComparison.Ordinal);
        Assert.Equal(new DataCredentials(null, null, "eu", null, null), DataCredentials.Find(file, "s3://ambient"));
        Assert.Null(DataCredentials.Find(file, "s3://other").AccessKeyId);
        Assert.Null(DataCredentials.Find(Path.Combine(_root, "none"), "s3://b").AccessKeyId);
    }

    [Fact]
    public async Task FileTransfer_OneFileFails_NamesItAndFails()
    {
        var transfer = new FileTransfer(TimeSpan.FromMinutes(1), TimeProvider.System, (_, _) => ValueTask.CompletedTask);

        var failure = await Assert.ThrowsAsync<DataTransferException>(() => transfer.Run(
            _ => Task.FromResult<IReadOnlyList<StoredFile>>([new("good", 1), new("bad", 2)]),
            (file, _, _) => file.Path == "bad" ? throw new IOException("disk on fire") : Task.CompletedTask,
            CancellationToken.None));

        Assert.Contains("1 of 2 files failed: bad: disk on fire", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileTransfer_Transient_TriedAgain()
    {
        var transfer = new FileTransfer(TimeSpan.FromMinutes(1), TimeProvider.System, (_, _) => ValueTask.CompletedTask);
        var tries = 0;

        var totals = await transfer.Run(
            _ => Task.FromResult<IReadOnlyList<StoredFile>>([new("a", 5)]),
            (_, _, _) => ++tries < 3 ? throw new DataTransientException("again", new IOException()) : Task.CompletedTask,
            CancellationToken.None);

        Assert.Equal((3, new TransferTotals(1, 5)), (tries, totals));
    }

    [Fact]
    public async Task FileTransfer_Stalls_FiveTimesThenTimesOutAndKeepsWhatIsDone()
    {
        var time = new ManualTime();
        var transfer = new FileTransfer(TimeSpan.FromMinutes(10), time, (_, _) => ValueTask.CompletedTask);
        var (good, stuck) = (0, 0);

        await Assert.ThrowsAsync<TimeoutException>(() => transfer.Run(
            _ => Task.FromResult<IReadOnlyList<StoredFile>>([new("good", 1), new("stuck", 2)]),
            async (file, _, token) =>
            {
                if (file.Path == "good")
                {
                    good++;
                    return;
                }

                stuck++;
                // Once is too little when the other file is done just then.
                while (!token.IsCancellationRequested)
                    time.Advance(TimeSpan.FromMinutes(10));
                await Task.Delay(Timeout.Infinite, token);
            },
            CancellationToken.None));

        Assert.Equal((1, 5), (good, stuck));
    }

    [Fact]
    public void FileProgress_TryThatComesNoFurther_IsNone()
    {
        var told = 0;
        var progress = new FileProgress(() => told++);
        Move(2);
        Assert.Equal(2, told);
        Move(2);
        Assert.Equal(2, told);
        Move(3);
        Assert.Equal(3, told);

        void Move(int pieces)
        {
            var moved = progress.NewTry();
            for (var piece = 0; piece < pieces; piece++)
            {
                moved();
            }
        }
    }

    [Fact]
    public void Walk_WhatIsNoFile_IsLeftOut()
    {
        File.WriteAllText(Path.Combine(_root, "file"), "1");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_root, "socket")));
        using (var mkfifo = Process.Start("mkfifo", [Path.Combine(_root, "pipe")]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        File.CreateSymbolicLink(Path.Combine(_root, "link"), Path.Combine(_root, "pipe"));

        Assert.Equal([new("file", 1)], LocalFiles.Walk(_root));
    }

    [Fact]
    public void Walk_LinksAndFolders_AsTheContractSays()
    {
        Directory.CreateDirectory(Path.Combine(_root, "b", "empty"));
        File.WriteAllText(Path.Combine(_root, "b", "x"), "1");
        File.WriteAllText(Path.Combine(_root, "a"), "22");
        File.CreateSymbolicLink(Path.Combine(_root, "link"), Path.Combine(_root, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "folder"), Path.Combine(_root, "b"));
        File.CreateSymbolicLink(Path.Combine(_root, "broken"), "/no/such/file");

        Assert.Equal([new("a", 2), new("link", 2), new("b/x", 1)], LocalFiles.Walk(_root));
    }

    [Fact]
    public void ContainerLog_TooLong_KeepsOneOlderFile()
    {
        var path = Path.Combine(_root, "log");
        using (var log = new ContainerLog(path, maximumBytes: 10))
        {
            foreach (var text in (byte[][])["11111\n"u8.ToArray(), "22222\n"u8.ToArray(), "33333\n"u8.ToArray()])
                log.Write(text);
        }

        Assert.Equal("33333\n", File.ReadAllText(path));
        Assert.Equal("22222\n", File.ReadAllText(ContainerLog.OlderFile(path)));
    }
}
