using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>Recorded submissions and their answers, one file each: the same texts, codes and dry-run documents.</summary>
public sealed class CaptureTests
{
    private static readonly SpecReader Reader = new(new TemplateEngine());

    private static readonly PoolModel Pool = ConfigurationModel.Build(ConfigurationSnapshot.Default).Pools["default"];

    public static TheoryData<string> Captures =>
        [.. Directory.EnumerateFiles(Folder(), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(
            StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Submit_Capture_IsAnsweredAsRecorded(string name)
    {
        var capture = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), name + ".json")))!;
        var source = Source(capture);
        if (capture["dry_run"]!.GetValue<bool>())
        {
            var rendered = Assert.IsType<RenderOutcome.Rendered>(Reader.Render(source)).Spec;
            Assert.Equal(Text(capture["response"]!["name"]), rendered.Name);
            Assert.Equal(Text(capture["response"]!["spec"]), rendered.ToYaml());
            return;
        }

        var rejection = Reader.Read(source, Pool, new WorkflowConfig()) switch
        {
            SpecOutcome.Rejected rejected => rejected.Rejection,
            SpecOutcome.Accepted accepted => new AdmissionCheck(new TemplateEngine()).Reject(accepted.Spec, Facts()),
            var other => throw new Xunit.Sdk.XunitException($"{other}"),
        };
        Compare(capture, rejection);
    }

    private static void Compare(JsonNode capture, SpecRejection? rejection)
    {
        var response = capture["response"]!;
        switch (capture["status"]!.GetValue<int>())
        {
            case 200:
                Assert.Null(rejection);
                break;
            case 400:
                Assert.Equal(Text(response["error_code"]), rejection!.Code.ToString().ToUpperInvariant());
                Assert.Equal(Text(response["workflow_id"]), rejection.WorkflowId);
                Assert.Equal(
                    WithoutLibraryText(Text(response["message"])),
                    rejection.Message.Contains("validation error", StringComparison.Ordinal) ? WithoutLibraryText(rejection.Message) : SpecCases.Messages(rejection));
                break;
            default:
                // A fault of the text, not of the server: the same message without the prefix.
                Assert.Equal(Text(response["message"]), $"Internal server error: {SpecCases.Messages(rejection!)}");
                Assert.Equal(SpecErrorCode.Usage, rejection!.Code);
                break;
        }
    }

    /// <summary>Validation reports agree in locations and messages, not in what the library adds to them.</summary>
    private static string WithoutLibraryText(string message) =>
        string.Join('\n', message.Split('\n').Where(line => !line.StartsWith("    For further", StringComparison.Ordinal)).Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? line.Split(" [type=", 2)[0].Split("; ", 2)[0].Split(" [line", 2)[0] : line));

    private static SpecSource Source(JsonNode capture) => new()
    {
        Text = Text(capture["request"]!["file"]),
        WorkflowUuid = SpecCases.Uuid,
        SetVariables = Texts(capture["request"]!["set_variables"]),
        SetStringVariables = Texts(capture["request"]!["set_string_variables"]),
        LabelOverrides = Texts(capture["labels"]),
    };

    private static SubmissionFacts Facts()
    {
        var node = new NodeCandidate { Name = "fake-node-1", PoolPlatforms = ["default/default"],
            Capacity = new NodeCapacity(63, 8, 255L << 20, 1020L << 20), Shown = new NodeFigures("1024", "64", "256", "8") };
        return MainPool.Facts with { Pool = Pool, Nodes = ImmutableDictionary<string,
            ImmutableArray<NodeCandidate>>.Empty.Add("default", [node, node with { Name = "fake-node-2" }]) };
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static ImmutableArray<string> Texts(JsonNode? node) => node.Deserialize<ImmutableArray<string>>();

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Captures");
}
