using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;
using Osmo.Workflows.Templates;
using static Osmo.Workflows.Tests.Specification.MainPool;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// Cases of the contract's table that the pool decides (contract: workflow-spec §8.3, §8.4, §13). Numbers are the table's.
/// </summary>
public sealed class AdmissionTests
{
    private static readonly string Letters65 = new('a', 65);

    [Theory]
    [InlineData(1, "", "")]
    [InlineData(40, "inputs: [{task: 'wf-1:failed'}]", "")]
    [InlineData(47, "outputs: [{url: 's3://b/c'}]", "")]
    [InlineData(62, "cacheSize: 50%", "resources: {default: {storage: 10Gi}}")]
    [InlineData(80, "", "resources: {default: {cpu: 0}}")]
    [InlineData(84, "", "resources: {default: {storage: 99Gi}}")]
    [InlineData(88, "", "resources: {default: {topology: [{key: rack}]}}")]
    [InlineData(92, "privileged: true", "resources: {default: {platform: arm64}}")]
    [InlineData(93, "hostNetwork: true", "resources: {default: {platform: arm64}}")]
    [InlineData(94, "volumeMounts: [/dev/shm]", "")]
    [InlineData(94, "volumeMounts: ['/opt:/x']", "")]
    public void Submit_Fitting_IsAdmitted(int number, string task, string workflow)
    {
        var rejection = Submit(B(task, workflow));
        Assert.True(rejection is null, $"Case {number}: {rejection?.Message}");
    }

    [Theory]
    [InlineData(38, "inputs: [{task: 'wf-1:a'}]", "", SpecErrorCode.Database, "Task a of workflow wf-1 is not found.")]
    [InlineData(39, "inputs: [{task: 'wf-1:running'}]", "", SpecErrorCode.Submission, "Input tasks from previous workflows must be finished: Workflow ID wf-1 task running has status RUNNING.")]
    [InlineData(45, "outputs: [{url: 'http://b/c'}]", "", SpecErrorCode.Usage, "Unknown URI scheme: http")]
    [InlineData(45, "inputs: [{url: 'swift://b/c'}]", "", SpecErrorCode.Usage, "Incorrectly formatted SWIFT URI: swift://b/c")]
    [InlineData(46, "outputs: [{url: 'gs://b/c'}]", "", SpecErrorCode.Credential, "No credentials configured for gs://b/c (user u) and the backend does not support environment authentication.")]
    [InlineData(58, "credentials: {c: /mnt}", "", SpecErrorCode.Credential, "Could not find the credential: c.")]
    [InlineData(60, "credentials: {d: {ENV: nokey}}", "", SpecErrorCode.Credential, "nokey is not a valid credential key please choose from key")]
    [InlineData(62, "cacheSize: 120%", "", SpecErrorCode.Resource, "Cache size must be between 0-100 percent: 120%")]
    [InlineData(62, "cacheSize: 5Q", "", SpecErrorCode.Resource, "Resource cache field has invalid unit: Q")]
    [InlineData(62, "cacheSize: x%", "", SpecErrorCode.Resource, "Improperly formatted cache size: x%")]
    [InlineData(79, "", "resources: {default: {cpu: 1000000}}", SpecErrorCode.Resource, "Resource validation failed for task: t\nnode   pool/platform")]
    [InlineData(83, "", "resources: {default: {memory: 0Gi}}", SpecErrorCode.User, "Resource validation failed for task: t\nAssertion failed for task t: Value 0Gi needs to be greater than 0 for memory")]
    [InlineData(84, "", "resources: {default: {storage: 100Gi}}", SpecErrorCode.Resource, "Resource validation failed for task: t\nnode")]
    [InlineData(86, "", "resources: {default: {platform: nope}}", SpecErrorCode.Resource, "Platform nope does not exist in pool main!")]
    [InlineData(92, "privileged: true", "", SpecErrorCode.Resource, "Task with platform: x86 does not have privileged flag enabled. Task t")]
    [InlineData(93, "hostNetwork: true", "", SpecErrorCode.Resource, "Task with platform: x86 does not have hostNetwork flag enabled. Task t")]
    [InlineData(95, "volumeMounts: ['/opt:/a:/b']", "", SpecErrorCode.Resource, "Invalid task volume mount: /opt:/a:/b.")]
    [InlineData(95, "volumeMounts: ['/opt:']", "", SpecErrorCode.Resource, "Invalid task volume mount: /opt:.")]
    [InlineData(95, "volumeMounts: [/bad]", "", SpecErrorCode.Resource, "Task with platform: x86 does not allow mount: /bad. Task t")]
    [InlineData(95, "volumeMounts: [/data]", "", SpecErrorCode.Resource, "Mount /data is already provided by platform x86 and cannot be set in volumeMounts.")]
    public void Submit_NotFitting_IsRejectedAndRecorded(int number, string task, string workflow, SpecErrorCode code, string message)
    {
        var rejection = Submit(B(task, workflow));
        Assert.True(rejection is not null, $"Case {number} should be rejected.");
        Assert.Equal((code, "w"), (rejection.Code, rejection.WorkflowId));
        Assert.StartsWith(message, rejection.Message, StringComparison.Ordinal);
        Assert.Equal("w", rejection.FailedSubmission!.WorkflowName);
        Assert.Contains("  name: w\n", rejection.FailedSubmission.SpecYaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, "Ubuntu")]
    [InlineData(100, "x/{{workflow_id}}")]
    public void Submit_BadImage_IsRejectedAndRecorded(int number, string image)
    {
        var rejection = Submit($"workflow:\n  name: w\n  tasks:\n  - {{name: t, image: '{image}', command: [c]}}\n");
        Assert.Equal($"{number}: Could not parse docker image {image}. Please provide a valid image.", $"{number}: {Messages(rejection!)}");
        Assert.Equal((SpecErrorCode.Usage, "w"), (rejection!.Code, rejection.FailedSubmission!.WorkflowName));
    }

    [Fact]
    public void Submit_LongWorkflowName_Case16()
    {
        Assert.Null(Submit(B().Replace("name: w", $"name: {Letters65[..64]}", StringComparison.Ordinal)));
        var rejection = Submit(B().Replace("name: w", $"name: {Letters65}", StringComparison.Ordinal))!;
        Assert.Equal(
            (SpecErrorCode.User, $"Name {Letters65} is too long. It must be 64 characters or less.\n  found 65 characters"), (rejection.Code, rejection.Message));
        Assert.Equal(Letters65, rejection.FailedSubmission!.WorkflowName);
    }

    [Fact]
    public void Submit_LongTaskName_Case17()
    {
        Assert.Null(Submit(B().Replace("name: t", $"name: {Letters65[..58]}", StringComparison.Ordinal)));
        Assert.Equal($"Name {Letters65[..59]}-group is too long. It must be 64 characters or less.",
            Messages(Submit(B().Replace("name: t", $"name: {Letters65[..59]}", StringComparison.Ordinal))!));
    }

    [Theory]
    [InlineData(88, "resources: {default: {topology: [{key: foo}]}}", SpecErrorCode.Submission, "Topology key \"foo\" in resource \"default\" is not available in pool \"main\". Available topology keys: ['zone', 'rack']")]
    [InlineData(88, "resources: {default: {}, unused: {topology: [{key: foo}]}}", SpecErrorCode.Submission, "Topology key \"foo\" in resource \"unused\"")]
    public void Read_ForAPool_ChecksTopologyKeysWithoutRecord(int number, string workflow, SpecErrorCode code, string message)
    {
        var rejection = Submit(B(workflow: workflow));
        Assert.True(rejection is not null, $"Case {number} should be rejected.");
        Assert.Equal((code, null), (rejection.Code, rejection.FailedSubmission));
        Assert.StartsWith(message, rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PoolWithoutDefaultPlatform_Case87()
    {
        var pool = MainPool.Build(Pool.Config with { DefaultPlatform = null });
        var outcome = new SpecReader(new TemplateEngine()).Read(Source(B()), pool, Config);
        var rejection = Assert.IsType<SpecOutcome.Rejected>(outcome).Rejection;
        Assert.Equal((SpecErrorCode.Resource, "Resource default does not have a platform!", null), (
            rejection.Code, Messages(rejection), rejection.FailedSubmission));
    }

    [Theory]
    [InlineData(90, "[{key: rack}]", "[{key: zone}, {key: rack}]", false)]
    [InlineData(91, "[{key: rack}]", "[]", true)]
    public void Submit_TopologyOfTwoTasks_MustUseTheSameKeys(int number, string first, string second, bool admitted)
    {
        var rejection = Submit($"workflow:\n  name: w\n  resources: {{a: {{topology: {first}}}, b: {{topology: {second}}}}}\n  tasks:\n  - {{name: t, image: i, command: [c], resource: a}}\n  - {{name: u, image: i, command: [c], resource: b}}\n");
        Assert.True(admitted == rejection is null, $"Case {number}: {rejection?.Message}");
        if (!admitted)
        {
            Assert.Equal(SpecErrorCode.Resource, rejection!.Code);
            Assert.StartsWith("Topology validation failed: ", rejection.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_TooManyTasks_Case99()
    {
        var tasks = string.Concat(Enumerable.Range(0, 21).Select(i => $"  - {{name: t{i}, image: i, command: [c]}}\n"));
        var rejection = Submit("workflow:\n  name: w\n  tasks:\n" + tasks)!;
        Assert.Equal((SpecErrorCode.User, "Workflow cannot have more than 20 tasks.", null), (
            rejection.Code, Messages(rejection), rejection.FailedSubmission));
    }

    [Fact]
    public void Submit_TooBig_IsTheCapturedTable()
    {
        var node = new NodeCandidate { Name = "fake-node-1", PoolPlatforms = ["default/default"],
            Capacity = new NodeCapacity(63, 8, 255L << 20, 1020L << 20), Shown = new NodeFigures("1024", "64", "256", "8") };
        var facts = Facts with
        {
            Pool = ConfigurationModel.Build(ConfigurationSnapshot.Default).Pools["default"],
            Nodes = ImmutableDictionary<string, ImmutableArray<NodeCandidate>>.Empty.Add(
                "default", [node, node with { Name = "fake-node-2" }]),
        };
        var spec = Assert.IsType<SpecOutcome.Accepted>(new SpecReader(new TemplateEngine()).Read(
            Source("workflow:\n  name: toobig\n  resources:\n    default: {cpu: 1000, memory: 1Gi, storage: 1Gi}\n  tasks:\n  - name: t\n    image: ubuntu:24.04\n    command: [sleep, \"1\"]\n"), facts.Pool, Config)).Spec;

        var rejection = new AdmissionCheck(new TemplateEngine()).Reject(spec, facts)!;

        Assert.Equal(
            "Resource validation failed for task: t\nnode          pool/platform         storage   cpu   memory   gpu   cuda-driver   reason                                                    \n===========================================================================================================================================\nfake-node-1   ['default/default']   1024      64    256      8     -             Assertion failed for task t: Value 1000.0 too high for CPU\nfake-node-2   ['default/default']   1024      64    256      8     -             Assertion failed for task t: Value 1000.0 too high for CPU\nPlease check available resources with \"osmo resource list\".",
            rejection.Message);
        Assert.Equal((SpecErrorCode.Resource, "toobig"), (rejection.Code, rejection.WorkflowId));
    }

    [Fact]
    public void Submit_NoNodes_IsSaid() =>
        Assert.Equal("There are no resources in platform x86 and pool main!",
            Submit(B(), Facts with { Nodes = ImmutableDictionary<string, ImmutableArray<NodeCandidate>>.Empty })!.Message);

    [Fact]
    public void Submit_PoolInMaintenance_NeedsAnAdministrator()
    {
        var facts = Facts with { Pool = MainPool.Build(Pool.Config with { EnableMaintenance = true }) };
        var rejection = Submit(B(), facts)!;
        Assert.Equal((SpecErrorCode.Usage, null), (rejection.Code, rejection.FailedSubmission));
        Assert.StartsWith("Pool main is undergoing maintenance. ", rejection.Message, StringComparison.Ordinal);
        Assert.Null(Submit(B(), facts with { IsAdministrator = true }));
    }

    [Fact]
    public void Submit_PriorityWithoutSchedulerSupport_IsRejectedWithoutRecord()
    {
        var facts = Facts with { Scheduler = new SchedulerSettings { SchedulerType = SchedulerType.Default },
            Priority = WorkflowPriority.High };
        Assert.Null(Submit(B(), facts)!.FailedSubmission);
        Assert.Null(Submit(B(), facts with { Priority = WorkflowPriority.Normal }));
    }

    [Fact]
    public void Submit_GpuGuarantee_HoldsUnlessLow()
    {
        var facts = Facts with { Pool = MainPool.Build(Pool.Config with { Resources = new PoolResources { Gpu = new GpuQuota { Guarantee = 3 } } }) };
        var text = "workflow:\n  name: w\n  resources: {default: {gpu: 2}}\n  groups:\n  - {name: g, tasks: [{name: a, lead: true, image: i, command: [c]}, {name: b, image: i, command: [c]}]}\n";
        var rejection = Submit(text, facts)!;
        Assert.Equal((SpecErrorCode.Usage, "w"), (rejection.Code, rejection.WorkflowId));
        Assert.StartsWith("Pool main has 3 GPUs guaranteed for NORMAL/HIGH priority workflows and group g requires 4 GPUs.",
            rejection.Message, StringComparison.Ordinal);
        Assert.Null(Submit(text, facts with { Priority = WorkflowPriority.Low }));
    }

    [Fact]
    public void Access_Plan_NamesWhatIsToBeTriedAndPins()
    {
        var facts = Facts with { DataProfiles = ["gs://b"],
            Workflow = Config with { CredentialConfig = new CredentialCheckConfig { DisableRegistryValidation = ["quay.io/team"] } } };
        var spec = Accept("workflow:\n  name: w\n  tasks:\n  - {name: t, image: 'ubuntu:22.04', command: [c], inputs: [{url: 'gs://b/c'}], outputs: [{url: 'gs://b/d'}, {url: 's3://x/y'}]}\n  - {name: u, image: quay.io/team/app, command: [c]}\n  - {name: v, image: 'busybox@sha256:ab', command: [c]}\n");

        var plan = AccessPlan.Of(spec, facts);

        Assert.Equal(["registry-1.docker.io/library/ubuntu:22.04", "registry-1.docker.io/library/busybox:"], plan.Images.Select(
            image => $"{image.Reference.Host}/{image.Reference.Path}:{image.Reference.Tag}"));
        Assert.Equal([new DataAccess("gs://b/c", "gs://b", false), new DataAccess("gs://b/d", "gs://b", true)], plan.Data.AsEnumerable());
        var pinned = AccessPlan.Pin(
            spec, new Dictionary<string, string> { ["ubuntu:22.04"] = "sha256:12", ["busybox@sha256:ab"] = "sha256:34" });
        Assert.Equal(
            ["ubuntu:22.04@sha256:12", "quay.io/team/app", "busybox@sha256:ab"], pinned.Groups.Select(group => group.Tasks[0].Image));
    }

    /// <summary>Case 101: what is left to say when the registry gave the image to nobody.</summary>
    [Fact]
    public void Access_ImageNobodyMayPull_RejectsWithACredentialErrorAndARecord()
    {
        var spec = Accept("workflow:\n  name: w\n  tasks:\n  - {name: t, image: 'quay.io/team/app', command: [c]}\n");
        var image = Assert.Single(AccessPlan.Of(spec, Facts).Images);

        var rejection = AccessPlan.Unpullable(spec, image);

        Assert.Equal(SpecErrorCode.Credential, rejection.Code);
        Assert.Equal(
            "Unable to authenticate for pulling image quay.io/team/app. Please create a credential matching quay.io/team/app or check if the image exists.",
            rejection.Message);
        Assert.Equal(new FailedSubmission("w", SpecWriter.ToYaml(spec)), rejection.FailedSubmission);
    }

    [Theory]
    [InlineData(LabelEnforcement.Enforce, "team", "", "Workflow is missing required label 'team'.", null)]
    [InlineData(LabelEnforcement.Warn, "team", "", null, "Workflow is missing label 'team'; add it now to avoid rejected submissions once it is required.")]
    [InlineData(LabelEnforcement.Enforce, "a", "y", "Workflow label 'a' has a value that is not allowed.", null)]
    [InlineData(LabelEnforcement.Warn, "a", "y", null, "Workflow label 'a' has a value that is not allowed; use an allowed value now to avoid rejected submissions once the label is required.")]
    [InlineData(LabelEnforcement.Enforce, "a", "x", null, null)]
    [InlineData(LabelEnforcement.Off, "team", "", null, null)]
    public void Read_LabelPolicy_RejectsOrWarns(LabelEnforcement enforcement, string key, string allowed, string? error, string? warning)
    {
        var policy = new LabelPolicy { Key = key, AllowList = allowed.Length == 0 ? [] : [allowed], Enforcement = enforcement,
            AssertMessage = "Ask ops." };
        var outcome = new SpecReader(new TemplateEngine()).Read(
            Source(B(workflow: "labels: {a: x}")), Pool, Config with { LabelsConfig = new LabelsConfig { Policy = [policy] } });
        Assert.Equal(error is null ? null : $"{error} Ask ops.", (outcome as SpecOutcome.Rejected)?.Rejection.Message);
        Assert.Equal(warning is null ? [] : [$"{warning} Ask ops."], (outcome as SpecOutcome.Accepted)?.Warnings.AsEnumerable() ?? []);
    }
}
