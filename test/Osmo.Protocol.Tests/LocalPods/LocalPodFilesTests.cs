using Osmo.Protocol.LocalPods;

namespace Osmo.Protocol.Tests.LocalPods;

public sealed class LocalPodFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osmo-local-pod").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Manifest_SavedAndLoaded_Same()
    {
        var path = Path.Combine(_directory, PodManifest.FileName);
        var container = new ContainerManifest(
            "hello", "ubuntu", ["/osmo/bin/osmo_exec"], ["-commands", "true"], [new("A", "1"), new("A", "2")], null, "/tmp/log", null, [new("/osmo/data", "/tmp/data")]);
        new PodManifest("p", "u", "default", "n", [], [container], 30).Save(path);

        var loaded = PodManifest.Load(path);

        Assert.Equal("p", loaded.PodName);
        var actual = Assert.Single(loaded.Containers);
        Assert.Equal(container.Environment.ToArray(), actual.Environment.ToArray());
        Assert.Equal(container.Command.ToArray(), actual.Command.ToArray());
        Assert.Equal(container.Mounts.ToArray(), actual.Mounts.ToArray());
        Assert.Null(actual.WorkingDirectory);
    }

    [Fact]
    public void Status_Saved_ReplacesAtomicallyWithKubernetesWords()
    {
        var path = Path.Combine(_directory, PodStatusFile.FileName);
        var status = new PodStatusFile(
            PodPhase.Failed, DateTimeOffset.UnixEpoch, [], [new("a", ContainerState.Terminated, "Error", "m", 3, FinishedAt: DateTimeOffset.UnixEpoch)]);
        (status with { Phase = PodPhase.Running }).Save(path);
        status.Save(path);

        var text = File.ReadAllText(path);
        Assert.Contains("\"phase\":\"Failed\"", text, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"terminated\"", text, StringComparison.Ordinal);
        Assert.Equal(status.Containers.ToArray(), PodStatusFile.Load(path).Containers.ToArray());
        Assert.Equal([path], Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("null")]
    public void Load_BadFile_NamesIt(string text)
    {
        var path = Path.Combine(_directory, PodStatusFile.FileName);
        File.WriteAllText(path, text);

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PodStatusFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"phase":"Gone"}""", "member phase must be one of Pending, Running, Succeeded, Failed")]
    [InlineData("""{"phase":"Failed","startTime":"x"}""", "member startTime must be an RFC 3339 time")]
    [InlineData("""{"phase":"Failed","startTime":"2026-08-01T10:00:00Z","initContainers":[],"containers":[{"name":1}]}""", "member containers[0].name must be a string")]
    public void Load_BadMember_NamesIt(string text, string error)
    {
        var path = Path.Combine(_directory, PodStatusFile.FileName);
        File.WriteAllText(path, text);

        Assert.Contains(error, Assert.Throws<InvalidDataException>(() => PodStatusFile.Load(path)).Message, StringComparison.Ordinal);
    }
}

public class MountPathsTests
{
    private static readonly MountPaths Paths = new([new("/osmo/data", "/pods/1/osmo/data"), new("/osmo/data/output/", "/pods/1/out"), new("/tmp/run.sh", "/pods/1/f/run.sh")]);

    [Theory]
    [InlineData("/osmo/data/output/a.txt", "/pods/1/out/a.txt")]
    [InlineData("/osmo/data/outputs", "/pods/1/osmo/data/outputs")]
    [InlineData("echo x > /osmo/data/output; cat /osmo/data/input/0", "echo x > /pods/1/out; cat /pods/1/osmo/data/input/0")]
    [InlineData("--dir=/osmo/data", "--dir=/pods/1/osmo/data")]
    [InlineData("see /osmo/data.", "see /pods/1/osmo/data.")]
    [InlineData("bash /tmp/run.sh", "bash /pods/1/f/run.sh")]
    [InlineData("/tmp/run.sh.bak /my/osmo/data ./osmo/data /osmo/database", "/tmp/run.sh.bak /my/osmo/data ./osmo/data /osmo/database")]
    [InlineData("nothing", "nothing")]
    [InlineData("", "")]
    public void Rewrite_Text_MovesWholePathsOnly(string text, string expected)
    {
        Assert.Equal(expected, Paths.Rewrite(text));
        Assert.Equal(expected, Paths.Rewrite(Paths.Rewrite(text)));
    }
}
