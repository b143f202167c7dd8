using Osmo.Workflows.Specification;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>What accepted values become (contract: workflow-spec §5, §13).</summary>
public sealed class CoercionTests
{
    private static TaskSpec Task(string key, int number = 0) => Accept(B(key), number).Groups[0].Tasks[0];

    private static ResourceSpec Resource(string fields, int number = 0) =>
        Accept(B(workflow: $"resources: {{default: {{{fields}}}}}"), number).Resources[0].Value;

    [Theory]
    [InlineData(26, "args: [1, 2.5, x]", "1 2.5 x")]
    [InlineData(26, "args: [1.10, 22.04, 010, 0777, 08, 0o17]", "1.1 22.04 8 511 08 0o17")]
    [InlineData(26, "args: [1_000, 0x1F, +5, 12:30, 1:30:00, 22:22, '8080:80']", "1000 31 5 750 5400 1342 8080:80")]
    [InlineData(26, "args: [y, N, 1e3, 1e-8, .5, .inf, 1.0e+3, 1e+20]", "y N 1e3 1e-8 0.5 inf 1000.0 1e+20")]
    [InlineData(115, "args: ['{{uuid}}']", "{{uuid}}")]
    public void Args_Numbers_BecomeText(int number, string key, string expected) =>
        Assert.Equal(expected, string.Join(' ', Task(key, number).Args));

    [Fact]
    public void Environment_Scalars_BecomePythonText_Case29() =>
        Assert.Equal(
            ["A=True", "B=1.1", "C=Y", "D=False", "5=1e-07"],
            Shown(Task("environment: {A: true, B: 1.10, C: Y, D: no, 5: 0.0000001}").Environment));

    [Theory]
    [InlineData("lead: \"yes\"")]
    [InlineData("lead: on")]
    [InlineData("lead: 1")]
    [InlineData("lead: 't'")]
    public void Lead_Words_AreBooleans_Case31(string key) => Assert.True(Task(key).Lead);

    [Fact]
    public void Kpis_Number_BecomesText_Case48() =>
        Assert.Equal(new KpiSpec("1", "a.json"), Task("kpis: [{index: 1, path: a.json}]").Kpis[0]);

    [Theory]
    [InlineData(49, "{path: /a, contents: 5}", "/a", "5")]
    [InlineData(51, "{path: /osmo/data/output/m.yaml, contents: x}", "/osmo/data/output/m.yaml", "x")]
    [InlineData(52, "{path: '{{output}}/m.yaml', contents: x}", "{{output}}/m.yaml", "x")]
    [InlineData(52, "{path: '/x/../etc/m.yaml', contents: x}", "/x/../etc/m.yaml", "x")]
    public void Files_Allowed_AreKept(int number, string file, string path, string contents)
    {
        Assert.Equal(new FileSpec(path, contents), Task($"files: [{file}]", number).Files[0]);
    }

    [Fact]
    public void ExitActions_AnyCase_Case55()
    {
        var actions = Task("exitActions: {complete: 3, RESCHEDULE: \"1-4,7\"}").ExitActions;
        Assert.Equal(["complete 3", "RESCHEDULE 1-4,7"], actions.Select(action => $"{action.Key} {action.Codes}"));
    }

    [Fact]
    public void Credentials_BothForms_Case58()
    {
        var uses = Task("credentials: {c: /mnt, d: {ENV: key}, e: 5}").Credentials;
        Assert.Equal(new CredentialUse.AsFiles("c", "/mnt"), uses[0]);
        Assert.Equal(["ENV=key"], Shown(Assert.IsType<CredentialUse.AsEnvironment>(uses[1]).Variables));
        Assert.Equal(new CredentialUse.AsFiles("e", "5"), uses[2]);
    }

    [Theory]
    [InlineData(61, "downloadType: download", "download")]
    [InlineData(61, "downloadType: null", null)]
    public void DownloadType_OnlyValue_IsKept(int number, string key, string? expected)
    {
        Assert.Equal(expected, Task(key, number).DownloadType);
    }

    [Theory]
    [InlineData(63, "90", 90, "90s")]
    [InlineData(63, "PT1H30M", 5400, "90m")]
    [InlineData(63, "1.5", 1.5, "1500ms")]
    [InlineData(63, "5 m", 300, "5m")]
    [InlineData(63, "+5m", 300, "5m")]
    [InlineData(63, "1_000s", 1000, "1000s")]
    [InlineData(63, "250us", 0.00025, "250us")]
    public void Frequency_Forms_AreReadAndWrittenBack(int number, string text, double seconds, string written)
    {
        var spec = Accept(B($"checkpoint: [{{path: p, url: 's3://b/x', frequency: {text}}}]"), number);
        Assert.Equal(seconds, spec.Groups[0].Tasks[0].Checkpoint[0].Frequency.TotalSeconds, 9);
        Assert.Contains($"frequency: {written}\n", SpecWriter.ToYaml(spec), StringComparison.Ordinal);
        Assert.Equal(SpecWriter.ToYaml(spec), SpecWriter.ToYaml(Accept(SpecWriter.ToYaml(spec))));
    }

    [Theory]
    [InlineData(66, "90", 90)]
    [InlineData(67, "90d", 90 * 86400)]
    [InlineData(68, "0", 0)]
    [InlineData(70, "P1DT2H", 93600)]
    [InlineData(71, "1:30", 90)]
    public void Timeout_Forms_AreRead(int number, string text, double seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Accept(B(workflow: $"timeout: {{exec_timeout: {text}}}"), number).Timeout!.ExecTimeout);
    }

    [Fact]
    public void Resource_TaskLevel_IsIgnored_Case76() => Assert.Null(Accept(B("resources: {cpu: 3}")).Resources[0].Value.Cpu);

    [Fact]
    public void Resource_Counts_Case77()
    {
        var resource = Resource("cpu: \"4\", gpu: 2.0");
        Assert.Equal((4, 2), (resource.Cpu, resource.Gpu));
        Assert.Equal(0, Resource("cpu: 0").Cpu);
    }

    [Theory]
    [InlineData(81, "1073741824", "1048576.0Ki")]
    [InlineData(81, "'1073741824'", "1048576.0Ki")]
    [InlineData(81, "100", "0.09765625Ki")]
    [InlineData(81, "'0.00001'", "0.000000009766Ki")]
    [InlineData(81, "9000000000000000000", "8789062500000000.0Ki")]
    [InlineData(83, "0Gi", "0Gi")]
    [InlineData(84, "1.5TiB", "1.5TiB")]
    [InlineData(84, "512m", "512m")]
    public void Memory_Quantities_AreNormalised(int number, string text, string expected)
    {
        Assert.Equal(expected, Resource($"memory: {text}", number).Memory);
    }

    [Fact]
    public void Map_DuplicateKey_LastWins_Case129() =>
        Assert.Equal("b", Accept(Tasked("resource: a\n    resource: b", "resources: {a: {}, b: {}}")).Groups[0].Tasks[0].Resource);

    [Fact]
    public void Group_SingleTaskWithoutLead_Case97() =>
        Assert.True(
            Accept("workflow:\n  name: w\n  groups:\n  - {name: g, tasks: [{name: a, image: i, command: [c]}]}\n").Groups[0].Tasks[0].Lead);

    [Fact]
    public void Read_WindowsLineEnds_AreTolerated() => Assert.Equal("w", Accept(B().Replace("\n", "\r\n", StringComparison.Ordinal)).Name);

    private static string Tasked(string task, string workflow) => B(task, workflow);
}
