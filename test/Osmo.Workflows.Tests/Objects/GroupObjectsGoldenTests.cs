using System.Text.Json.Nodes;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Tests.Objects;

/// <summary>
/// Whole groups against their recorded objects. After a wanted change run once with OSMO_UPDATE_GOLDEN=1 and read the difference.
/// </summary>
public sealed class GroupObjectsGoldenTests
{
    public static TheoryData<string> Cases => new(GoldenCase.Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Build_Golden_IsAsRecorded(string name)
    {
        var golden = GoldenCase.Read(name);
        var build =
            golden.RescheduledTask is { } task ? GroupObjects.BuildTask(golden.Request(), task) : GroupObjects.Build(golden.Request());
        var built = Assert.IsType<GroupBuild.Built>(build);
        var actual = GoldenCase.Show(built.Objects);
        if (Environment.GetEnvironmentVariable("OSMO_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(GoldenCase.ExpectedPath(name), actual);
        }

        Assert.Equal(File.ReadAllText(GoldenCase.ExpectedPath(name)), actual);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Build_Twice_IsTheSame(string name)
    {
        var request = GoldenCase.Read(name).Request();
        Assert.Equal(
            GoldenCase.Show(Assert.IsType<GroupBuild.Built>(GroupObjects.Build(request)).Objects),
            GoldenCase.Show(Assert.IsType<GroupBuild.Built>(GroupObjects.Build(request)).Objects));
    }

    /// <summary>Kubernetes refuses a pod with two volumes of one name, and a mount of a volume that is not there.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Build_Pods_AreConsistent(string name)
    {
        var built = Assert.IsType<GroupBuild.Built>(GroupObjects.Build(GoldenCase.Read(name).Request()));
        var names = built.Objects.Select(item => ($"{item["kind"]}", $"{item["metadata"]!["name"]}")).ToList();
        Assert.Equal(names.Distinct().Count(), names.Count);
        foreach (var pod in built.Objects.Where(item => $"{item["kind"]}" == "Pod"))
        {
            var spec = pod["spec"]!;
            var volumes = spec["volumes"]!.AsArray().Select(volume => $"{volume!["name"]}").ToList();
            Assert.Equal(volumes.Distinct().Count(), volumes.Count);
            var containers = spec["initContainers"]!.AsArray().Concat(spec["containers"]!.AsArray());
            foreach (var mounts in containers.Select(container => container!["volumeMounts"] as JsonArray ?? []))
            {
                Assert.All(mounts, mount => Assert.Contains($"{mount!["name"]}", volumes));
                Assert.Equal(mounts.Select(mount => $"{mount!["mountPath"]}").Distinct().Count(), mounts.Count);
            }

            var secrets = spec["volumes"]!.AsArray().Select(volume => volume!["secret"]?["secretName"]).OfType<JsonNode>().Select(secret => ("Secret", $"{secret}"));
            Assert.All(secrets, secret => Assert.Contains(secret, names));
        }
    }
}
