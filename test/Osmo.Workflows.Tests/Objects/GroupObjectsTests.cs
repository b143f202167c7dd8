using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Tests.Objects;

public sealed class GroupObjectsTests
{
    /// <summary>Digests computed apart from this code (contract: runtime-protocol §2.1).</summary>
    [Theory]
    [InlineData("serial-task", "login.yaml", "6aa1cfaade3d348768e40e1cceed059b")]
    [InlineData("serial-task", ".refresh_token", "b394c4875fa6f4987cc0381143fa3112")]
    [InlineData("files-and-data", "run.sh", "d5386675ebbfc187fd5bae9351610a65")]
    public void Build_FileSecret_IsNamedByTheContractsDigest(string name, string file, string digest)
    {
        var secret = Assert.Single(Build(name), item => item["data"]?[file] is not null);
        Assert.Equal($"osmo-9999888877776666-{digest}", $"{secret["metadata"]!["name"]}");
    }

    [Fact]
    public void BuildTask_LaterAttempt_HasItsOwnLoginAndTheSameToken()
    {
        var golden = GoldenCase.Read("retry");
        var first = Assert.IsType<GroupBuild.Built>(GroupObjects.BuildTask((golden with { RetryId = 0 }).Request(), "client")).Objects;
        var later = Assert.IsType<GroupBuild.Built>(GroupObjects.BuildTask(golden.Request(), "client")).Objects;
        Assert.NotEqual(SecretOf(first, "login.yaml"), SecretOf(later, "login.yaml"));
        Assert.Equal(SecretOf(first, ".refresh_token"), SecretOf(later, ".refresh_token"));
        Assert.Equal($"{first[^1]["metadata"]!["name"]}", $"{later[^1]["metadata"]!["name"]}");
    }

    [Fact]
    public void Build_TemplateKinds_AreTold()
    {
        var built = Assert.IsType<GroupBuild.Built>(GroupObjects.Build(GoldenCase.Read("templates").Request()));
        Assert.Equal([new ObjectKind("v1", "ConfigMap"), new("v1", "PersistentVolumeClaim")], built.TemplateKinds.AsEnumerable());
    }

    [Fact]
    public void Build_UnknownVariable_FailsNamingTemplateAndVariable()
    {
        var golden = GoldenCase.Read("templates") with { Configuration = JsonNode.Parse("""{"pod_templates": {"default_user": {"x": "{{NO_SUCH}}"}}}""")!.AsObject() };
        golden = golden with { Spec = golden.Spec with { Resources = [new("default", golden.Spec.Resources[0].Value with { Platform = "default" })] } };
        Assert.Equal(
            "Jinja substitution failure: 'NO_SUCH' is undefined in '{{NO_SUCH}}' of the pod template of platform default", Failure(golden.Request()));
    }

    [Fact]
    public void Build_MissingCredential_FailsNamingIt() =>
        Assert.Equal("Could not find the credential: ssh.", Failure(GoldenCase.Read("files-and-data").Request() with { Credentials = new UserCredentials() }));

    [Fact]
    public void Build_NoServiceUrl_FailsNamingTheSetting()
    {
        var golden = GoldenCase.Read("serial-task") with { Configuration = JsonNode.Parse("""{"service": {"service_base_url": ""}}""")!.AsObject() };
        Assert.StartsWith("service_base_url is ''", Failure(golden.Request()), StringComparison.Ordinal);
    }

    /// <summary>z/a-b and z-a/b would both be called z-a-b.</summary>
    [Fact]
    public void Build_TopologyNamesThatMeet_StayDistinct()
    {
        var golden = GoldenCase.Read("topology");
        var resources = golden.Spec.Resources;
        golden = golden with
        {
            Spec = golden.Spec with
            {
                Resources =
                [
                    new("one", resources[0].Value with { Topology = [new("zone", "z"), new("rack", "a-b")] }),
                    new("two", resources[1].Value with { Topology = [new("zone", "z-a"), new("rack", "b")] }),
                ],
            },
        };
        var objects = Assert.IsType<GroupBuild.Built>(GroupObjects.Build(golden.Request())).Objects;
        var subgroups = Assert.Single(objects, item => $"{item["kind"]}" == "PodGroup")["spec"]!["subGroups"]!.AsArray();
        Assert.Equal(["z", "z-a-b", "z-a", "z-a-b-2"], subgroups.Select(subgroup => $"{subgroup!["name"]}"));
        Assert.Equal(["", "z", "", "z-a"], subgroups.Select(subgroup => $"{subgroup!["parent"]}"));
        Assert.Equal([2, 2, 1, 1], subgroups.Select(subgroup => subgroup!["minMember"]!.GetValue<int>()));
    }

    [Fact]
    public void Build_TopologyKeysThatDiffer_Fails()
    {
        var golden = GoldenCase.Read("topology");
        var resources = golden.Spec.Resources;
        golden = golden with
        {
            Spec = golden.Spec with { Resources = [resources[0], new("two", resources[1].Value with { Topology = [new("zone", "z1")] })] },
        };
        Assert.StartsWith("Topology validation failed: tasks a and c", Failure(golden.Request()), StringComparison.Ordinal);
    }

    private static ImmutableArray<JsonObject> Build(string name) =>
        Assert.IsType<GroupBuild.Built>(GroupObjects.Build(GoldenCase.Read(name).Request())).Objects;

    private static string Failure(GroupRequest request) => Assert.IsType<GroupBuild.Failed>(GroupObjects.Build(request)).Message;

    private static string SecretOf(ImmutableArray<JsonObject> objects, string file) =>
        $"{Assert.Single(objects, item => item["data"]?[file] is not null)["metadata"]!["name"]}";
}
