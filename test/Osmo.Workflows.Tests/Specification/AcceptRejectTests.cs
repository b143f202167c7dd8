using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// The contract's table of accepted and rejected specifications, as far as the text alone decides (contract: workflow-spec §13). Numbers
/// are the table's.
/// </summary>
public sealed class AcceptRejectTests
{
    private const string Tasks = "workflow:\n  name: w\n  tasks:\n";
    private const string Groups = "workflow:\n  name: w\n  groups:\n";

    [Theory]
    [InlineData(2, "version: 2\n")]
    [InlineData(3, "version: 99\n")]
    [InlineData(3, "version: [\n")]
    [InlineData(9, "# comment\n---\n")]
    [InlineData(9, "\ufeff")]
    [InlineData(121, "default-values:\n")]
    public void Read_TextBeforeTheWorkflow_IsAccepted(int number, string before)
    {
        Assert.Equal("w", Accept(before + B(), number).Name);
    }

    [Theory]
    [InlineData(4, "foo: 1\n", "Unknown top-level key \"foo\" found in the workflow spec.")]
    [InlineData(4, "http://x\n", "Unknown top-level key \"http\" found in the workflow spec.")]
    [InlineData(5, "workflow: {}\n", "Duplicate top-level key \"workflow\" found in the workflow spec.")]
    public void Read_TopLevelKeys_AreChecked(int number, string after, string message)
    {
        var rejection = Reject(B() + after, number);
        Assert.Equal((SpecErrorCode.User, message, null), (rejection.Code, Messages(rejection), rejection.FailedSubmission));
        Assert.Equal(7, rejection.Problems[0].Position.Line);
    }

    [Theory]
    [InlineData(6, "tasks:\n- name: t\n", "Unknown top-level key \"tasks\" found in the workflow spec.")]
    [InlineData(7, "\"workflow\":\n  name: w\n", "Workflow spec not found.")]
    [InlineData(7, " workflow:\n  name: w\n", "Workflow spec not found.")]
    [InlineData(7, "workflow :\n  name: w\n", "Workflow spec not found.")]
    [InlineData(7, "", "Workflow spec not found.")]
    public void Read_NoWorkflowSection_IsRejected(int number, string text, string message)
    {
        var rejection = Reject(text, number);
        Assert.Equal((SpecErrorCode.User, message, null), (rejection.Code, Messages(rejection), rejection.FailedSubmission));
    }

    /// <summary>Faults of the schema: USAGE, recorded under the workflow's name.</summary>
    [Theory]
    [InlineData(11, "workflow:\n  name: w\n", "workflow", "Workflows need to have at least one group or one task.")]
    [InlineData(11, "workflow:\n  name: w\n  tasks: []\n", "workflow", "Workflows need to have at least one group or one task.")]
    [InlineData(12, Tasks + "  - {name: t, image: i, command: [c]}\n  groups:\n  - {name: g, tasks: [{name: u, image: i, command: [c]}]}\n", "workflow", "Cannot use both groups and tasks in the same workflow.")]
    [InlineData(18, Tasks + "  - {name: A_b, image: i, command: [c]}\n  - {name: a-B, image: i, command: [c]}\n", "workflow", "Multiple tasks/groups have the same name: \"a-b\".")]
    [InlineData(20, Groups + "  - {name: g, tasks: [{name: G, image: i, command: [c]}]}\n", "workflow", "Multiple tasks/groups have the same name: \"g\".")]
    [InlineData(21, Tasks + "  - {name: OSMO_ctrl, image: i, command: [c]}\n", "workflow.tasks.0.name", "Container OSMO_ctrl cannot be named \"osmo-ctrl\". This is a restricted name.")]
    [InlineData(22, Tasks + "  - {name: 5, image: i, command: [c]}\n", "workflow.tasks.0.name", "String should match pattern '^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$'")]
    [InlineData(23, Tasks + "  - {name: t, command: [c]}\n", "workflow.tasks.0.image", "Field required")]
    [InlineData(23, Tasks + "  - {name: t, image: i}\n", "workflow.tasks.0.command", "Field required")]
    [InlineData(24, Tasks + "  - {name: t, image: i, command: []}\n", "workflow.tasks.0.command", "Container t should have at least one command.")]
    [InlineData(25, Tasks + "  - {name: t, image: i, command: python}\n", "workflow.tasks.0.command", "Input should be a valid list")]
    [InlineData(96, Groups + "  - {name: g, tasks: [{name: a, image: i, command: [c]}, {name: b, image: i, command: [c]}]}\n", "workflow.groups.0.tasks", "Group \"g\" has 0 leader(s) but must have exactly one.")]
    [InlineData(96, Groups + "  - {name: g, tasks: [{name: a, lead: true, image: i, command: [c]}, {name: b, lead: 1, image: i, command: [c]}]}\n", "workflow.groups.0.tasks", "Group \"g\" has 2 leader(s) but must have exactly one.")]
    [InlineData(98, Groups + "  - {name: g, tasks: []}\n", "workflow.groups.0.tasks", "Group \"g\" needs to have at least one task.")]
    [InlineData(98, Groups + "  - {name: g}\n", "workflow.groups.0.tasks", "Field required")]
    [InlineData(98, Groups + "  - {name: g, tasks: null}\n", "workflow.groups.0.tasks", "Input should be a valid list")]
    public void Read_BrokenSchema_IsReportedWithItsPlace(int number, string text, string path, string message) =>
        AssertSchemaFault(number, text, path, message);

    /// <summary>The same for one key added to the task of B.</summary>
    [Theory]
    [InlineData(27, "args: [true]", "args.0", "Input should be a valid string")]
    [InlineData(28, "env: {A: b}", "env", "Extra inputs are not permitted")]
    [InlineData(30, "environment: {A: null}", "environment.A", "Input should be a valid string")]
    [InlineData(30, "environment: {A: 2024-01-02}", "environment.A", "Input should be a valid string")]
    [InlineData(30, "environment: [A]", "environment", "Input should be a valid dictionary")]
    [InlineData(31, "lead: maybe", "lead", "Input should be a valid boolean, unable to interpret input")]
    [InlineData(32, "inputs: null", "inputs", "Input should be a valid list")]
    [InlineData(37, "inputs: [{task: 'x:y:z'}]", "inputs.0.task", "String should match pattern")]
    [InlineData(41, "inputs: [{url: 's3://b/c', regex: 'a(.*'}]", "inputs.0.regex", "Value error, Invalid regex: a(.*")]
    [InlineData(42, "inputs: [{task: a, url: 's3://b'}]", "inputs.0.url", "Extra inputs are not permitted")]
    [InlineData(43, "inputs: [{dataset: {name: d}}]", "inputs.0.dataset", "Extra inputs are not permitted")]
    [InlineData(43, "outputs: [{dataset: {name: d}}]", "outputs.0.dataset", "Extra inputs are not permitted")]
    [InlineData(44, "outputs: [{task: t}]", "outputs.0.url", "Field required")]
    [InlineData(50, "files: [{path: /osmo/x, contents: ''}]", "files.0.path", "Value error, Empty path or adding file to \"/osmo\" is forbidden for file: /osmo/x")]
    [InlineData(50, "files: [{path: /, contents: ''}]", "files.0.path", "Value error, Empty path or adding file")]
    [InlineData(50, "files: [{path: /x/../osmo/y, contents: ''}]", "files.0.path", "Value error, Empty path or adding file")]
    [InlineData(50, "files: [{path: '{{input:0}}/x', contents: ''}]", "files.0.path", "Value error, Empty path or adding file")]
    [InlineData(53, "files: [{path: /a, contents: ''}, {path: /a, contents: ''}]", "files.1", "Value error, Task \"t\" has multiple files at the same path \"/a\".")]
    [InlineData(54, "files: [{path: /a, localpath: x}]", "files.0.localpath", "Extra inputs are not permitted")]
    [InlineData(54, "files: [{path: /a, localpath: x}]", "files.0.contents", "Field required")]
    [InlineData(56, "exitActions: {RETRY: 3}", "exitActions.RETRY", "Value error, Invalid exit action RETRY for task t.")]
    [InlineData(57, "exitActions: {FAIL: '1, 2'}", "exitActions.FAIL", "Value error, Invalid exit codes 1, 2 for action FAIL for task t.")]
    [InlineData(57, "exitActions: {FAIL: -1}", "exitActions.FAIL", "Value error, Invalid exit codes -1 for action FAIL for task t.")]
    [InlineData(57, "exitActions: {FAIL: [1]}", "exitActions.FAIL", "Input should be a valid string")]
    [InlineData(59, "credentials: [c]", "credentials", "Value error, credentials must be a dict, got list")]
    [InlineData(59, "credentials: null", "credentials", "Value error, credentials must be a dict, got NoneType")]
    [InlineData(59, "credentials: {a: null}", "credentials.a", "Value error, credential value for a must be a str or dict, got NoneType")]
    [InlineData(59, "credentials: {a: {b: null}}", "credentials.a.b", "Value error, credential key mapping value for a.b must be a scalar, got NoneType")]
    [InlineData(61, "downloadType: mountpoint-s3", "downloadType", "Value error, Task \"t\" uses invalid downloadType \"mountpoint-s3\". Valid types are: ['download']")]
    [InlineData(61, "downloadType: 5", "downloadType", "Value error, Task \"t\" has unsupported downloadType type: int")]
    [InlineData(64, "checkpoint: [{path: p, url: 's3://b', frequency: 1h30m}]", "checkpoint.0.frequency", "Value error, Cannot recognize duration: 1h30m. Only support ISO 8601 (e.g. PT10S) or xd, xh, xm, xs, xms, xus")]
    [InlineData(64, "checkpoint: [{path: p, url: 's3://b', frequency: '30'}]", "checkpoint.0.frequency", "Value error, Cannot recognize duration: 30.")]
    [InlineData(64, "checkpoint: [{path: p, url: 's3://b', frequency: true}]", "checkpoint.0.frequency", "Value error, Checkpoint frequency must be a duration, not a boolean")]
    [InlineData(64, "checkpoint: [{path: p, url: 's3://b'}]", "checkpoint.0.frequency", "Field required")]
    [InlineData(65, "checkpoint: [{path: p, url: 'http://b/c', frequency: 1m}]", "checkpoint.0.url", "String should match pattern")]
    [InlineData(85, "resources: {disk: 1}", "resources.disk", "Extra inputs are not permitted")]
    public void Read_BrokenTask_IsReportedWithItsPlace(int number, string key, string path, string message) =>
        AssertSchemaFault(number, B(key), $"workflow.tasks.0.{path}", message);

    /// <summary>The same for one key added to the workflow of B.</summary>
    [Theory]
    [InlineData(69, "timeout: {exec_timeout: 1.5h}", "timeout.exec_timeout", "Value error, Cannot recognize duration: 1.5h.")]
    [InlineData(69, "timeout: {exec_timeout: 1w}", "timeout.exec_timeout", "Value error, Cannot recognize duration: 1w.")]
    [InlineData(69, "timeout: {exec_timeout: pt5m}", "timeout.exec_timeout", "Value error, Cannot recognize duration: pt5m.")]
    [InlineData(69, "timeout: {exec_timeout: -5m}", "timeout.exec_timeout", "Value error, Cannot recognize duration: -5m.")]
    [InlineData(69, "timeout: {exec_timeout: .inf}", "timeout.exec_timeout", "Value error, Cannot recognize duration: inf.")]
    [InlineData(68, "timeout: {exec_timeout: 500ms}", "timeout.exec_timeout", "Value error, Timeout is shorter than a second: 500ms")]
    [InlineData(68, "timeout: {queue_timeout: 0.999}", "timeout.queue_timeout", "Value error, Timeout is shorter than a second: 0.999")]
    [InlineData(72, "timeout:", "timeout", "Input should be a valid dictionary")]
    [InlineData(72, "timeout: {start_timeout: 5m}", "timeout.start_timeout", "Extra inputs are not permitted")]
    [InlineData(73, "timeout: {exec_timeout: [1]}", "timeout.exec_timeout", "Value error, Cannot recognize duration: a list.")]
    [InlineData(78, "resources: {default: {cpu: 4.5}}", "resources.default.cpu", "Input should be a valid integer, got a number with a fractional part")]
    [InlineData(78, "resources: {default: {gpu: -1}}", "resources.default.gpu", "Input should be greater than or equal to 0")]
    [InlineData(85, "resources: {default: {disk: 1}}", "resources.default.disk", "Extra inputs are not permitted")]
    [InlineData(89, "resources: {default: {topology: [{key: rack, requirementType: maybe}]}}", "resources.default.topology.0.requirementType", "Input should be 'required' or 'preferred'")]
    public void Read_BrokenWorkflow_IsReportedWithItsPlace(int number, string key, string path, string message) =>
        AssertSchemaFault(number, B(workflow: key), $"workflow.{path}", message);

    /// <summary>A name that is none cannot name a record.</summary>
    [Theory]
    [InlineData(10, "workflow:\n", "Workflow spec is not properly formatted: 'workflow' must be a map, not null.")]
    [InlineData(14, "workflow:\n  name: 5\n  tasks: []\n", "Input should be a valid string")]
    [InlineData(15, "workflow:\n  name: w-\n  tasks: []\n", "String should match pattern")]
    [InlineData(15, "workflow:\n  name: _w\n  tasks: []\n", "String should match pattern")]
    [InlineData(15, "workflow:\n  name: 9w\n  tasks: []\n", "String should match pattern")]
    [InlineData(15, "workflow:\n  name: a b\n  tasks: []\n", "String should match pattern")]
    [InlineData(15, "workflow:\n  name: \"a\\n\"\n  tasks: []\n", "String should match pattern")]
    [InlineData(108, "workflow:\n  name: 5\n", "Input should be a valid string")]
    public void Read_NoValidName_RecordsNothing(int number, string text, string message)
    {
        var rejection = Reject(text, number);
        Assert.Equal(SpecErrorCode.Usage, rejection.Code);
        Assert.Contains(message, rejection.Message, StringComparison.Ordinal);
        Assert.Null(rejection.FailedSubmission);
    }

    [Fact]
    public void Read_NoName_RecordsUnderTheUuid()
    {
        var rejection = Reject("workflow:\n  tasks:\n  - {name: t, image: i, command: [c]}\n");

        Assert.Equal(("workflow.name", "Field required"), (rejection.Problems[0].Path, rejection.Problems[0].Message));
        Assert.Equal(new FailedSubmission($"failed-{Uuid}", null), rejection.FailedSubmission);
        Assert.Equal($"failed-{Uuid}", rejection.WorkflowId);
    }

    /// <summary>Checks after the schema: nothing is recorded (contract: workflow-spec §8.3).</summary>
    [Theory]
    [InlineData(19, Tasks + "  - {name: a, image: i, command: [c]}\n  - {name: a-group, image: i, command: [c]}\n", SpecErrorCode.Usage, "Multiple tasks/groups have the same name: \"a-group\".")]
    [InlineData(33, Tasks + "  - {name: t, image: i, command: [c], inputs: [{task: nope}]}\n", SpecErrorCode.Submission, "Task input nope does not exist.")]
    [InlineData(34, Tasks + "  - {name: t, image: i, command: [c], inputs: [{task: u}]}\n  - {name: u, image: i, command: [c]}\n", SpecErrorCode.Usage, "Group \"t-group\" requires input group \"u-group\" exists before itself.")]
    [InlineData(35, Tasks + "  - {name: t, image: i, command: [c], inputs: [{task: t}]}\n", SpecErrorCode.Usage, "Group \"t-group\" requires input group \"t-group\" exists before itself.")]
    [InlineData(36, Tasks + "  - {name: a_b, image: i, command: [c]}\n  - {name: t, image: i, command: [c], inputs: [{task: a-b}]}\n", SpecErrorCode.Submission, "Task input a-b does not exist.")]
    [InlineData(74, Tasks + "  - {name: t, image: i, command: [c], resource: big}\n", SpecErrorCode.Resource, "Requesting undefined resource big.")]
    [InlineData(75, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {big: {cpu: 1}}\n", SpecErrorCode.Resource, "Task t has no specified resource. Specify a default resource in the resources section.")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {memory: 10A}}\n", SpecErrorCode.Resource, "Resource memory field has invalid unit: A")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {memory: Gi}}\n", SpecErrorCode.Resource, "Resource memory field has invalid value Gi")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {storage: -1Gi}}\n", SpecErrorCode.Resource, "Resource storage field has invalid value -1Gi")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {memory: 8388608Ti}}\n", SpecErrorCode.Resource, "Resource memory field has invalid value 8388608Ti")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {memory: 1GB}}\n", SpecErrorCode.Resource, "Resource memory field has invalid unit: GB")]
    [InlineData(82, Tasks + "  - {name: t, image: i, command: [c]}\n  resources: {default: {memory: 5k}}\n", SpecErrorCode.Resource, "Resource memory field has invalid unit: k")]
    public void Read_PartsThatDoNotFit_AreRejectedWithoutRecord(int number, string text, SpecErrorCode code, string message)
    {
        var rejection = Reject(text, number);
        Assert.Equal(code, rejection.Code);
        Assert.StartsWith(message, rejection.Message, StringComparison.Ordinal);
        Assert.Null(rejection.FailedSubmission);
        Assert.Null(rejection.WorkflowId);
    }

    [Theory]
    [InlineData(114, Tasks + "  - {name: t, image: i, command: [c], args: [{{output}}]}\n")]
    [InlineData(114, Tasks + "  - name: t\n    args:\n    - {{output}}\n")]
    [InlineData(123, "workflow: [unclosed\n")]
    [InlineData(123, "workflow:\n\tname: w\n")]
    [InlineData(123, "default-values: [\nworkflow:\n  name: w\n")]
    public void Read_NoYaml_RecordsUnderTheUuid(int number, string text)
    {
        var rejection = Reject(text, number);
        Assert.Equal((SpecErrorCode.Usage, Uuid), (rejection.Code, rejection.WorkflowId));
        Assert.StartsWith("Workflow spec is not properly formatted: ", rejection.Message, StringComparison.Ordinal);
        Assert.Equal(new FailedSubmission($"failed-{Uuid}", null), rejection.FailedSubmission);
    }

    [Theory]
    [InlineData(102, "labels: {a: 1}", "Workflow label values must be strings.")]
    [InlineData(103, "labels: {a: ''}", "Workflow label value \"\" is not a valid non-empty Kubernetes label value.")]
    [InlineData(103, "labels: {l1: x, l2: x, l3: x, l4: x, l5: x, l6: x, l7: x, l8: x, l9: x, l10: x, l11: x, l12: x, l13: x, l14: x, l15: x, l16: x, l17: x}", "Workflows can have at most 16 labels.")]
    [InlineData(103, "labels: {a/b/c: x}", "Workflow label key \"a/b/c\" is not a valid Kubernetes label key.")]
    [InlineData(103, "labels: {A.com/c: x}", "Workflow label key \"A.com/c\" has an invalid DNS prefix.")]
    [InlineData(103, "labels: {-c: x}", "Workflow label key \"-c\" has an invalid name segment.")]
    [InlineData(103, "labels: {5: x}", "Workflow label keys must be strings.")]
    [InlineData(103, "labels: [a]", "Workflow labels must be a map of string keys to string values.")]
    [InlineData(103, "labels:", "Workflow labels must be a map of string keys to string values.")]
    public void Read_BadLabels_AreRejectedWithoutRecord(int number, string labels, string message)
    {
        var rejection = Reject(B(workflow: labels), number);
        Assert.Equal((SpecErrorCode.Usage, message, null), (rejection.Code, Messages(rejection), rejection.FailedSubmission));
    }

    [Theory]
    [InlineData("a", "Workflow labels must use key=value format.")]
    [InlineData("a=", "Workflow label value \"\" is not a valid non-empty Kubernetes label value.")]
    [InlineData("a=b=c", "Workflow label value \"b=c\" is not a valid non-empty Kubernetes label value.")]
    public void Read_BadLabelOverride_Case105(string label, string message)
    {
        var outcome = new SpecReader(new TemplateEngine()).Read(Source(B()) with { LabelOverrides = [label] });
        var rejection = Assert.IsType<SpecOutcome.Rejected>(outcome).Rejection;
        Assert.Equal((SpecErrorCode.Usage, message), (rejection.Code, Messages(rejection)));
    }

    [Fact]
    public void Read_LabelOverrides_Case104()
    {
        var outcome = new SpecReader(new TemplateEngine()).Read(
            Source(B(workflow: "labels: {a: x}")) with { LabelOverrides = ["a=y", "b=z"] });
        Assert.Equal(["a=y", "b=z"], Shown(Assert.IsType<SpecOutcome.Accepted>(outcome).Spec.Labels));
    }

    [Fact]
    public void Read_StoredLabels_ReplaceThoseOfTheText()
    {
        var source = Source(B(workflow: "labels: {a: x, c: d}")) with { StoredLabels = [new("a", "s")], LabelOverrides = ["b=z"] };
        Assert.Equal(
            ["a=s", "b=z"], Shown(Assert.IsType<SpecOutcome.Accepted>(new SpecReader(new TemplateEngine()).Read(source)).Spec.Labels));
    }

    [Fact]
    public void Read_EnvironmentVariable_Case128_SplitsAtTheFirstSign()
    {
        var source = Source(B("environment: {A: x, Z: z}")) with { EnvironmentVariables = ["A=b=c", "N=1"] };
        var spec = Assert.IsType<SpecOutcome.Accepted>(new SpecReader(new TemplateEngine()).Read(source)).Spec;
        Assert.Equal(["A=b=c", "Z=z", "N=1"], Shown(spec.Groups[0].Tasks[0].Environment));
    }

    [Fact]
    public void Read_EnvironmentVariableWithoutValue_IsRejected()
    {
        var outcome = new SpecReader(new TemplateEngine()).Read(Source(B()) with { EnvironmentVariables = ["A"] });
        Assert.Equal("Environment variable A is incorrectly formatted\n  allowed: KEY=VALUE", Assert.IsType<SpecOutcome.Rejected>(outcome).Rejection.Message);
    }

    private static void AssertSchemaFault(int number, string text, string path, string message)
    {
        var rejection = Reject(text, number);
        Assert.Equal((SpecErrorCode.Usage, "w"), (rejection.Code, rejection.WorkflowId));
        Assert.Equal(new FailedSubmission("w", null), rejection.FailedSubmission);
        var problem = Assert.Single(rejection.Problems, problem => problem.Path == path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains(message, rejection.Message, StringComparison.Ordinal);
        Assert.True(problem.Position.Line > 0, "A fault of the text has a place in it.");
    }
}
