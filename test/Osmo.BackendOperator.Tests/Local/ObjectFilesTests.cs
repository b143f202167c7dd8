using Microsoft.Extensions.Logging.Abstractions;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;
using Osmo.Storage.Objects;

namespace Osmo.BackendOperator.Tests.Local;

public sealed class ObjectFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osmo-of").FullName;

    private string Objects => Path.Combine(_directory, "cluster");

    private string UidFile => Path.Combine(Objects, "uid");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void ReadUid_BeforeAndAfterTheFirstStart_IsNullThenTheUid()
    {
        Assert.Null(LocalCluster.ReadUid(_directory));
        Assert.Null(LocalCluster.ReadUid(Path.Combine(_directory, "nowhere")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));

        var uid = Files().ClusterUid();

        Assert.True(Guid.TryParse(uid, out _));
        Assert.Equal(uid, LocalCluster.ReadUid(_directory));
        Assert.Equal(uid, Files().ClusterUid());
    }

    [Fact]
    public void ClusterUid_FirstStartWasCutOff_IsMade()
    {
        var files = Files();
        File.WriteAllText(UidFile + ".tmp", "");

        var uid = files.ClusterUid();

        Assert.Equal(uid, File.ReadAllText(UidFile));
        Assert.Equal([UidFile], Directory.EnumerateFileSystemEntries(Objects));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\0\0\0\0", "holds something else")]
    public void ClusterUid_DamagedFile_NamesItAndKeepsIt(string content, string expected)
    {
        var files = Files();
        File.WriteAllText(UidFile, content);

        var error = Assert.Throws<InvalidDataException>(files.ClusterUid);

        Assert.Contains(UidFile, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => LocalCluster.ReadUid(_directory));
        Assert.Equal(content, File.ReadAllText(UidFile));
    }

    [Fact]
    public void ReadUid_UnreadableFile_NamesIt()
    {
        Directory.CreateDirectory(UidFile);

        var error = Assert.Throws<IOException>(() => LocalCluster.ReadUid(_directory));

        Assert.Contains(UidFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_TwiceThenDelete_LeavesTheLastThenNothing()
    {
        var files = Files();
        var old = Map("old");
        files.Save(old);
        files.Save(Map("new"));

        Assert.Equal("new", Assert.Single(Files().Load()).Metadata.Labels["is"]);
        Assert.Single(Directory.EnumerateFiles(Objects, "*", SearchOption.AllDirectories));
        files.Delete(old.Ref);
        files.Delete(old.Ref);
        Assert.Empty(Files().Load());
    }

    [Fact]
    public void Sync_MissingFolder_NamesIt()
    {
        var missing = Path.Combine(_directory, "missing");

        Assert.Contains(missing, Assert.Throws<IOException>(() => FolderSync.Sync(missing)).Message, StringComparison.Ordinal);
    }

    private ObjectFiles Files() => new(Objects, NullLogger.Instance);

    private static KubernetesObject Map(string label) => KubernetesObject.From(System.Text.Json.Nodes.JsonNode.Parse(
        $$"""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "osmo", "labels": {"is": "{{label}}"} } }""")!);
}
