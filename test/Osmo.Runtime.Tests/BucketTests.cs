using Osmo.Protocol.Runtime;
using Osmo.Storage.Tests.Objects;

namespace Osmo.Runtime.Tests;

/// <summary>Inputs and outputs in buckets, over real HTTP.</summary>
public sealed class BucketTests : IDisposable
{
    private readonly TaskPod _pod = new();

    public void Dispose() => _pod.Dispose();

    [Fact]
    public async Task Run_OutputsThenInputs_SameTree()
    {
        await using var s3 = await S3TestServer.Start();
        await using var logger = await ScriptedLogger.Start();
        var config = WriteConfig(s3, S3TestServer.AccessKey);
        var files = (string[])["a.txt", "b/c.json", "b/d/e", "f", "g"];
        var script = string.Join("; ", files.Select(file => $"mkdir -p $(dirname {_pod.Output}/{file}); printf {file} > {_pod.Output}/{file}"));

        var first = await _pod.RunTask(
            logger.Port, ["/bin/sh", "-c", script], "-serviceConfig", config, "-userConfig", config,
            "-outputs", $"task:s3://{S3TestServer.Bucket}/base/wf-1/task1", "-outputs", $"url:s3://{S3TestServer.Bucket}/mine,b/");

        Assert.Equal((0, 0), first);
        Assert.Equal(
            files.Select(file => $"base/wf-1/task1/{file}").Concat(["mine/b/c.json", "mine/b/d/e"]).Order(StringComparer.Ordinal), s3.Keys.Order(StringComparer.Ordinal));

        await using var secondLogger = await ScriptedLogger.Start();
        var second = await _pod.RunTask(
            secondLogger.Port, ["/bin/true"], "-serviceConfig", config, "-userConfig", config,
            "-inputs", $"task:0,s3://{S3TestServer.Bucket}/base/wf-1/task1,", "-inputs", $"url:1,s3://{S3TestServer.Bucket}/mine/b/c.json,nothing-else",
            "-inputs", $"task:2,s3://{S3TestServer.Bucket}/base/none,");

        Assert.Equal((0, 0), second);
        Assert.All(files, file => Assert.Equal(file, File.ReadAllText(Path.Combine(_pod.Root, "input/0", file))));
        Assert.Equal(["c.json"], Directory.GetFiles(Path.Combine(_pod.Root, "input/1")).Select(Path.GetFileName));
        Assert.Contains(secondLogger.Lines, line => line.Text == "Warning: none has no files");
    }

    [Theory]
    [InlineData("wrong-key", "url:0,s3://bucket/p,", 14)]
    [InlineData("wrong-key", "task:0,s3://bucket/p,", 31)]
    [InlineData(S3TestServer.AccessKey, "task:0,s3://no-such-bucket/p,", 31)]
    public async Task Run_BucketRefuses_ContractsCode(string key, string input, int code)
    {
        await using var s3 = await S3TestServer.Start();
        await using var logger = await ScriptedLogger.Start();
        var config = WriteConfig(s3, key);

        var codes = await _pod.RunTask(logger.Port, ["/bin/true"], "-serviceConfig", config, "-userConfig", config, "-inputs", input);

        Assert.Equal((code, 0), codes);
    }

    /// <summary>More often than the client library itself tries.</summary>
    [Theory]
    [InlineData("RequestTimeout")]
    [InlineData("OperationAborted")]
    public async Task Run_FaultThatPassesButLooksLikeABadRequest_IsTriedAgain(string code)
    {
        await using var s3 = await S3TestServer.Start();
        await using var logger = await ScriptedLogger.Start();
        for (var fault = 0; fault < 7; fault++)
        {
            s3.Faults.Enqueue((400, code));
        }

        var codes = await _pod.RunTask(
            logger.Port, ["/bin/sh", "-c", $"echo 1 > {_pod.Output}/a"], "-serviceConfig", WriteConfig(s3, S3TestServer.AccessKey), "-outputs", $"task:s3://{S3TestServer.Bucket}/p");

        Assert.Equal((0, 0), codes);
        Assert.Equal(["p/a"], s3.Keys);
        Assert.Contains(logger.Lines, line => line.Stream == LogStream.Upload && line.Text.StartsWith("Will try again: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_InputThatCannotBeWritten_FailsAtOnce()
    {
        await using var s3 = await S3TestServer.Start();
        await using var logger = await ScriptedLogger.Start();
        s3.Add($"p/{new string('n', 300)}", "1"u8.ToArray());

        var codes = await _pod.RunTask(
            logger.Port, ["/bin/true"], "-serviceConfig", WriteConfig(s3, S3TestServer.AccessKey), "-inputs", $"task:0,s3://{S3TestServer.Bucket}/p,");

        Assert.Equal((31, 0), codes);
        Assert.Contains(logger.Lines, line => line.Text.Contains("1 of 1 files failed", StringComparison.Ordinal));
    }

    private string WriteConfig(S3TestServer s3, string key)
    {
        var file = Path.Combine(_pod.Root, "config.yaml");
        string Entry(string bucket) =>
            $"    s3://{bucket}: {{access_key_id: {key}, access_key: secret, endpoint: 's3://{bucket}', override_url: '{s3.Endpoint}', addressing_style: path}}\n";
        File.WriteAllText(file, $"auth:\n  data:\n{Entry(S3TestServer.Bucket)}{Entry("no-such-bucket")}");
        return file;
    }
}
