using Osmo.Workflows.Specification;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

public sealed class SpecReaderTests
{
    [Fact]
    public void Read_BaseSpecification_WrapsTheTaskInALeadingGroup()
    {
        var spec = Accept(B());

        var group = Assert.Single(spec.Groups);
        Assert.Equal("t-group", group.Name);
        Assert.True(Assert.Single(group.Tasks).Lead);
        Assert.Equal("default", Assert.Single(spec.Resources).Key);
    }

    [Fact]
    public void Read_SeveralFaults_ReportsAllWithTheirPlaces()
    {
        var rejection = Reject("workflow:\n  name: bad\n  tasks:\n  - imagee: x\n    name: t\n");

        Assert.Equal(SpecErrorCode.Usage, rejection.Code);
        Assert.Equal("bad", rejection.WorkflowId);
        Assert.Equal(
            ["workflow.tasks.0.image: Field required", "workflow.tasks.0.command: Field required",
                "workflow.tasks.0.imagee: Extra inputs are not permitted"],
            rejection.Problems.Select(problem => $"{problem.Path}: {problem.Message}"));
        Assert.Equal((4, 5), (rejection.Problems[2].Position.Line, rejection.Problems[2].Position.Column));
        Assert.StartsWith("3 validation errors for VersionedWorkflowSpec\nworkflow.tasks.0.image\n  Field required", rejection.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FaultsOfATemplate_StandWhereTheyStandInTheFile()
    {
        var rejection = Reject(
            """
            default-values:
              names: [a, b]
              more: "cpu: x\n      gpu: y"
            workflow:
              name: w
              tasks:
              {% for name in names %}
              - name: {{ name }}
                image: busybox
                {#- two
                    lines #}
                comand: [sh]
              {% endfor %}
              - {name: c, image: busybox, command: sh}
              {%- macro none() %}
                none
              {% endmacro %}
              resources:
                default:
                  {{ more }}
            """);

        Assert.Equal(
            [
                (12, "workflow.tasks.0.comand"), (12, "workflow.tasks.1.comand"), (14, "workflow.tasks.2.command"),
                (20, "workflow.resources.default.cpu"), (20, "workflow.resources.default.gpu"),
            ],
            rejection.Problems.Where(problem => problem.Message != "Field required").Select(problem => (problem.Position.Line, problem.Path)));
    }

    [Fact]
    public void Json_Specification_ReadsBackAsTheSame()
    {
        var spec = Accept(B("inputs: [{url: 's3://b/c'}, {task: 'w-1:a'}]\n    credentials: {c: /mnt, d: {A: k}}\n    exitActions: {fail: 1}\n    checkpoint: [{path: p, url: 's3://b', frequency: 90}]", "timeout: {exec_timeout: 90}"));

        var copy = SpecJson.Read(SpecJson.Write(spec));

        Assert.Equal(SpecJson.Write(spec), SpecJson.Write(copy));
        Assert.Equal(SpecWriter.ToYaml(spec), SpecWriter.ToYaml(copy));
        Assert.IsType<InputSpec.FromOtherWorkflow>(copy.Groups[0].Tasks[0].Inputs[1]);
        Assert.Equal(TimeSpan.FromSeconds(90), copy.Timeout!.ExecTimeout);
    }

    [Fact]
    public void ToYaml_BaseSpecification_IsTheNormalForm()
    {
        Assert.Equal(
            """
            version: 2
            workflow:
              groups:
              - name: t-group
                tasks:
                - command:
                  - sh
                  files:
                  - contents: |-
                      a
                      b
                    path: /x
                  image: busybox
                  lead: true
                  name: t
              name: w
              resources:
                default: {}

            """,
            SpecWriter.ToYaml(Accept(B("files: [{path: /x, contents: \"a  \\nb\\n\"}]"))));
    }

    [Theory]
    [InlineData("inputs: [{task: nobody}]", "", "Task input nobody does not exist.\n  workflow.tasks.0.inputs.0.task; allowed: a task of this workflow [line 7, column 21]")]
    [InlineData("resource: gpu", "", "Requesting undefined resource gpu.\n  workflow.tasks.0.resource; allowed: default [line 7, column 15]")]
    [InlineData("", "resources: {default: {memory: lots}}", "Resource memory field has invalid value lots\n  workflow.resources.default.memory; found 'lots'; allowed: a number and one of T Ti TiB G Gi GiB M Mi MiB K Ki KiB B m [line 3, column 33]")]
    public void Read_FaultBeyondTheSchema_SaysWhereAndWhatIsAllowed(string task, string workflow, string message) =>
        Assert.Equal(message, SpecCases.Reject(SpecCases.B(task, workflow)).Message);

    [Fact]
    public void Read_FaultAtSeveralPlaces_SaysTheMessageOnceAndEveryPlace()
    {
        const string Text = "workflow:\n  name: w\n  tasks:\n  - {name: t, image: i, command: [c], resource: gpu}\n  - {name: u, image: i, command: [c], resource: gpu}\n";
        Assert.Equal(
            "Requesting undefined resource gpu.\n"
            + "  workflow.tasks.0.resource; allowed: default [line 4, column 49]\n"
            + "  workflow.tasks.1.resource; allowed: default [line 5, column 49]",
            SpecCases.Reject(Text).Message);
    }
}
