using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

public sealed class ResubmissionTests
{
    private const string Chain =
        """
        workflow:
          name: chain
          labels: {a: x}
          tasks:
          - {name: make, image: i, command: [c]}
          - {name: use, image: i, command: ["{{output}}"], inputs: [{task: make, regex: a}, {url: 's3://b'}]}
          - {name: last, image: i, command: [c], inputs: [{task: use}]}
        """;

    private static readonly Dictionary<string, TaskGroupStatus> FirstCompleted = new()
    {
        ["make-group"] = TaskGroupStatus.Completed, ["use-group"] = TaskGroupStatus.Failed, ["last-group"] = TaskGroupStatus.FailedUpstream,
    };

    [Fact]
    public void Restart_FailedGroups_ReadFromTheOldWorkflow()
    {
        var resubmission = Resubmission.Restart(
            Accept(Chain), [new("a", "stored")], "chain-7", WorkflowStatus.Failed, FirstCompleted, out var rejection);

        Assert.Null(rejection);
        var spec = Assert.IsType<SpecOutcome.Accepted>(SpecReader.Read(resubmission!, MainPool.Pool, MainPool.Config)).Spec;
        Assert.Equal(["use-group", "last-group"], spec.Groups.Select(group => group.Name));
        Assert.Equal(new InputSpec.FromOtherWorkflow("chain-7", "make", "a"), spec.Groups[0].Tasks[0].Inputs[0]);
        Assert.IsType<InputSpec.FromUrl>(spec.Groups[0].Tasks[0].Inputs[1]);
        Assert.Equal(new InputSpec.FromTask("use", ""), spec.Groups[1].Tasks[0].Inputs[0]);
        Assert.Equal(["a=stored"], Shown(spec.Labels));
        Assert.Equal("x86", spec.Resources[0].Value.Platform);
    }

    [Theory]
    [InlineData(WorkflowStatus.Completed, "Restart can only be used on FAILED workflows: chain-7 has status COMPLETED.")]
    [InlineData(WorkflowStatus.Running, "Restart can only be used on FAILED workflows: chain-7 has status RUNNING.")]
    public void Restart_NotFailed_IsRejected(WorkflowStatus status, string message)
    {
        Assert.Null(Resubmission.Restart(Accept(Chain), [], "chain-7", status, FirstCompleted, out var rejection));
        Assert.Equal((SpecErrorCode.Submission, message), (rejection!.Code, rejection.Message));
    }

    [Fact]
    public void Restart_FailedSubmission_IsRejected()
    {
        Assert.Null(Resubmission.Restart(
            Accept(Chain), [], "chain-7", WorkflowStatus.FailedSubmission, new Dictionary<string, TaskGroupStatus>(), out var rejection));
        Assert.Equal(SpecErrorCode.Submission, rejection!.Code);
    }

    [Fact]
    public void Whole_WithOverrides_KeepsTheStoredLabelsAndTokens()
    {
        var resubmission = Resubmission.Whole(Accept(Chain), [new("s", "t")]) with { LabelOverrides = ["b=z"],
            EnvironmentVariables = ["A=1"] };
        var spec = Assert.IsType<SpecOutcome.Accepted>(SpecReader.Read(resubmission, MainPool.Pool, MainPool.Config)).Spec;
        Assert.Equal(["s=t", "b=z"], Shown(spec.Labels));
        Assert.Equal("{{output}}", spec.Groups[1].Tasks[0].Command[0]);
        Assert.Equal(["A=1"], Shown(spec.Groups[2].Tasks[0].Environment));
    }

    [Fact]
    public void Whole_BadLabelOverride_IsRejected() =>
        Assert.Equal("Workflow labels must use key=value format.", Assert.IsType<SpecOutcome.Rejected>(
            SpecReader.Read(Resubmission.Whole(Accept(Chain), []) with { LabelOverrides = ["b"] }, MainPool.Pool,
                MainPool.Config)).Rejection.Message);
}
