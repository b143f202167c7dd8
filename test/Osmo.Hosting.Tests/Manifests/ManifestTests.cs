using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Osmo.Gateway;
using Osmo.Silo;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Objects;

namespace Osmo.Hosting.Tests.Manifests;

/// <summary>What lies under <c>k8s/</c> can be applied, and means what the programs understand.</summary>
public sealed partial class ManifestTests
{
    private const string Kustomization = "kustomization.yaml";

    /// <summary>Said at the head of what is applied only by whoever wants it.</summary>
    private const string Apart = "not part of the kustomization";

    private static string Root => Path.Combine(SourceTree.Root, "k8s");

    public static TheoryData<string> Manifests => [.. Files("*.yaml").Where(file => Documents(file).Any(IsManifest)).Select(Name)];

    public static TheoryData<string> Kustomizations => [.. Files(Kustomization).Select(Name)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Manifest_FitsTheSchemaOfItsKind(string file)
    {
        var schema = KubernetesSchema.Read();
        Assert.All(Documents(Path.Combine(Root, file)), manifest => Assert.Empty(schema.Faults(manifest!.AsObject())));
    }

    [Fact]
    public void Schema_AFieldThatIsNone_IsAFault()
    {
        var deployment = Yaml.Documents("{apiVersion: apps/v1, kind: Deployment, spec: {selector: {}, template: {spec: {containers: [{name: 1, port: 80}]}}}}").Single()!.AsObject();
        Assert.Equal(
            ["name is 1; it must be text.", "port is unknown."],
            KubernetesSchema.Read().Faults(deployment).Select(fault => fault[(fault.LastIndexOf("[0].", StringComparison.Ordinal) + 4)..]));
    }

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public void Kustomization_NamesEveryFileOfItsFolder_AndNoOther(string file)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, file))!;
        var kustomization = Documents(Path.Combine(Root, file)).Single()!;
        var named = Texts(kustomization["resources"]).Concat(Items(kustomization["patches"]).Select(patch => (string?)patch!["path"]))
            .Concat(Items(kustomization["configMapGenerator"]).SelectMany(map => Texts(map!["files"]).Concat(Texts(map["envs"])))).OfType<string>().ToList();

        Assert.All(named, name => Assert.True(Path.Exists(Path.Combine(folder, name)), $"{name} does not exist."));
        Assert.Equal(
            Directory.GetFiles(folder).Where(path => !File.ReadLines(path).First().Contains(Apart, StringComparison.Ordinal)).Select(path => Path.GetFileName(path))
                .Where(name => name != Kustomization).Order(),
            named.Where(name => !name.StartsWith("..", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Settings_ThatManifestsName_Exist()
    {
        var known = ServiceSettings.Sections.AddRange(SiloProgram.Sections).AddRange(GatewayProgram.Sections).SelectMany(section => section.Settings())
            .Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal);
        var named = Files("*").SelectMany(file => Setting().Matches(File.ReadAllText(file))).Select(match => match.Value.Replace("__", ":", StringComparison.Ordinal)).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));
    }

    [Fact]
    public void Pods_AreNotRoot_AndWriteNothingButVolumes()
    {
        var pods = Files("*.yaml").SelectMany(Documents).Where(IsManifest).Select(manifest => manifest!["spec"]?["template"]?["spec"]).OfType<JsonNode>().ToList();
        Assert.NotEmpty(pods);
        Assert.All(pods, pod =>
        {
            Assert.True((bool?)pod["securityContext"]?["runAsNonRoot"]);
            Assert.All(Items(pod["containers"]).Concat(Items(pod["initContainers"])), container =>
            {
                var security = container!["securityContext"]!;
                Assert.True((bool?)security["readOnlyRootFilesystem"]);
                Assert.False((bool?)security["allowPrivilegeEscalation"]);
                Assert.Equal("ALL", (string?)security["capabilities"]!["drop"]![0]);
            });
        });
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public void GracePeriod_IsLongerThanADrainMayTake(string program)
    {
        var pod = Documents(Path.Combine(Root, "control-plane", "base", $"{program}.yaml"))[0]!["spec"]!["template"]!["spec"]!;
        var environment = Items(pod["containers"]![0]!["env"]).ToDictionary(item => (string)item!["name"]!, item => (string?)item!["value"]);

        var drain = Time("Osmo__Process__DrainDelay") + Time("Osmo__Process__StopTimeout");
        Assert.True(TimeSpan.FromSeconds((long)pod["terminationGracePeriodSeconds"]!) > drain, $"A drain may take {drain}.");

        TimeSpan Time(string name) => TimeSpan.Parse(environment[name]!, CultureInfo.InvariantCulture);
    }

    /// <summary>A Service may not name a port of an init container, even of one that goes on running: older clusters do not find it.</summary>
    [Fact]
    public void Services_ThatNameAPort_MeanOneOfAContainer()
    {
        var manifests = Files("*.yaml").SelectMany(Documents).Where(IsManifest).ToList();
        var ports = manifests.SelectMany(manifest => Items(manifest!["spec"]?["template"]?["spec"]?["containers"])).SelectMany(container => Items(container!["ports"]))
            .Select(port => (string?)port!["name"]).ToHashSet();
        var targets = manifests.Where(manifest => (string?)manifest!["kind"] == "Service").SelectMany(service => Items(service!["spec"]!["ports"])).Select(port => port!["targetPort"]).ToList();

        Assert.NotEmpty(targets);
        Assert.All(targets.Where(target => target?.GetValueKind() == JsonValueKind.String), target => Assert.Contains((string)target!, ports));
    }

    /// <summary>KAI takes those below 100 for preemptible.</summary>
    [Fact]
    public void PriorityClasses_AreThoseOfPodGroups_AndOnlyTheLowestIsPreemptible()
    {
        var classes = Documents(Path.Combine(Root, "backend-operator", "priority-classes.yaml"));
        Assert.Equal(Enum.GetValues<WorkflowPriority>().Select(SchedulerObjects.PriorityClass).Order(), classes.Select(item => (string?)item!["metadata"]!["name"]).Order());
        Assert.Equal([SchedulerObjects.PriorityClass(WorkflowPriority.Low)], classes.Where(item => (int)(long)item!["value"]! < 100).Select(item => (string?)item!["metadata"]!["name"]));
    }

    /// <summary>Where images come from is the business of whoever runs this.</summary>
    [Fact]
    public void Images_NameNoRegistry()
    {
        var images = Files("*").SelectMany(file => Image().Matches(File.ReadAllText(file))).Select(match => match.Groups["image"].Value).ToList();
        Assert.NotEmpty(images);
        Assert.All(images, image => Assert.DoesNotContain('.', image.Contains('/', StringComparison.Ordinal) ? image.Split('/')[0] : ""));
    }

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static string Name(string file) => Path.GetRelativePath(Root, file);

    private static IReadOnlyList<JsonNode?> Documents(string file) => Yaml.Documents(File.ReadAllText(file));

    private static bool IsManifest(JsonNode? document) =>
        document is JsonObject fields && fields.ContainsKey("apiVersion") && (string?)fields["kind"] is not (null or "Kustomization");

    private static JsonArray Items(JsonNode? list) => list as JsonArray ?? [];

    private static IEnumerable<string> Texts(JsonNode? list) => Items(list).Select(item => (string)item!);

    [GeneratedRegex("Osmo__[A-Za-z]+__[A-Za-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^\s*(?:- )?(?:image:|FROM) (?<image>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Image();
}
