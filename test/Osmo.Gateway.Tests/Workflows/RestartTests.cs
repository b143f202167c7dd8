using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Gateway.Tests.Workflows;

/// <summary>Stored workflows that are submitted once more, whole or in part (contract: api-rest §8.1, §8.2; lifecycle §26 rows 74, 75).</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private const string Uuid = "0123456789abcdef0123456789abcdef";

    private const string Chain =
        """
        workflow:
          name: chain
          tasks:
          - {name: first, image: busybox, command: [sh]}
          - {name: second, image: busybox, command: [sh, -c, "{% raw %}echo {{ not-a-variable }} {{output}}{% endraw %}"], inputs: [{task: first}]}
        """;

    private TestGateway _gateway = null!;
    private FakeWorkflow _workflow = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.Start();
        _workflow = _gateway.OneWorkflow();
        await _gateway.Configure(defaults => defaults with { Pools = defaults.Pools.SetItem(
            "default", defaults.Pools["default"] with { CommonResourceValidations = [] }) });
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Row74_RestartFailed_SubmitsWhatDidNotComplete()
    {
        await Store(WorkflowStatus.Failed, TaskGroupStatus.Completed, TaskGroupStatus.Failed);
        _workflow.OnSubmit = _ => new("chain-8", null);
        var (status, body) = await _gateway.Json("POST", "/api/pool/default/workflow/chain-7/restart");

        Assert.Equal((200, "chain-8"), (status, (string?)body!["name"]));
        Assert.Equal(["dashboard_url", "logs", "name", "overview", "spec", "warnings"], body.AsObject().Select(member => member.Key).Order());
        var submitted = Assert.Single(_workflow.Submitted);
        Assert.Equal(("chain", 7), (submitted.Origin.ParentName, submitted.Origin.ParentNumber));
        Assert.Equal(("LOW", "robots"), (submitted.Priority, submitted.Labels["team"]));
        var second = Assert.Single(Spec(submitted.Spec).Groups);
        Assert.Equal("second-group", second.Name);
        var input = Assert.IsType<InputSpec.FromOtherWorkflow>(Assert.Single(second.Tasks[0].Inputs));
        Assert.Equal(("chain-7", "first"), (input.WorkflowId, input.Task));
        Assert.Equal("echo {{ not-a-variable }} {{output}}", second.Tasks[0].Command[2]);
    }

    [Theory]
    [InlineData(WorkflowStatus.Running, "Restart can only be used on FAILED workflows: chain-7 has status RUNNING.")]
    [InlineData(WorkflowStatus.Completed, "Restart can only be used on FAILED workflows: chain-7 has status COMPLETED.")]
    public async Task Row75_RestartNotFailed_IsRefused(WorkflowStatus workflow, string message)
    {
        await Store(workflow, TaskGroupStatus.Completed, workflow == WorkflowStatus.Running ? TaskGroupStatus.Running : TaskGroupStatus.Completed);
        var (status, body) = await _gateway.Json("POST", $"/api/pool/default/workflow/{Uuid}/restart");
        Assert.Equal((400, "SUBMISSION", message), (status, (string?)body!["error_code"], (string?)body["message"]));
        Assert.Empty(_workflow.Submitted);
    }

    [Fact]
    public async Task Restart_OfAFailedSubmission_IsRefusedByItsId()
    {
        await Put(WorkflowStatus.FailedSubmission);
        await _gateway.Put(new RowKey(RowKind.Spec, Uuid), new SpecDocument(null, Chain, null), DocumentJson.Default.SpecDocument);
        var (status, body) = await _gateway.Json("POST", "/api/pool/default/workflow/chain-7/restart");
        Assert.Equal(
            (400, "SUBMISSION", "Workflow chain-7 has no failed groups to restart; submit it again instead.", "chain-7"),
            (status, (string?)body!["error_code"], (string?)body["message"], (string?)body["workflow_id"]));
    }

    [Theory]
    [InlineData("/api/pool/default/workflow/none-1/restart", "DATABASE", "Workflow none-1 is not found.")]
    [InlineData("/api/pool/nowhere/workflow/none-1/restart", "USER", "Pool nowhere not found.")]
    public async Task Restart_OfWhatIsNot_IsRefused(string path, string code, string message)
    {
        var (status, body) = await _gateway.Json("POST", path);
        Assert.Equal((400, code, message), (status, (string?)body!["error_code"], (string?)body["message"]));
    }

    [Fact]
    public async Task Resubmit_IsNotRenderedAgain()
    {
        await Store(WorkflowStatus.Completed, TaskGroupStatus.Completed, TaskGroupStatus.Completed);
        var (status, _) = await _gateway.Json("POST", "/api/pool/default/workflow?workflow_id=chain-7&env_vars=A=1&label=run=2");
        Assert.Equal(200, status);
        var submitted = Assert.Single(_workflow.Submitted);
        var spec = Spec(submitted.Spec);
        Assert.Equal("echo {{ not-a-variable }} {{output}}", spec.Groups[1].Tasks[0].Command[2]);
        Assert.Equal(["A=1"], spec.Groups[0].Tasks[0].Environment.Select(variable => $"{variable.Key}={variable.Value}"));
        Assert.Equal(["run=2", "team=robots"], submitted.Labels.Select(label => $"{label.Key}={label.Value}").Order());
        Assert.Equal(("chain", 7), (submitted.Origin.ParentName, submitted.Origin.ParentNumber));
    }

    [Fact]
    public async Task DryRun_OfAStoredWorkflow_ShowsItAsItRan()
    {
        await Store(WorkflowStatus.Completed, TaskGroupStatus.Completed, TaskGroupStatus.Completed);
        var (status, body) = await _gateway.Json("POST", "/api/pool/default/workflow?workflow_id=chain-7&dry_run=true");
        Assert.Equal(200, status);
        Assert.Contains("echo {{ not-a-variable }} {{output}}", (string?)body!["spec"], StringComparison.Ordinal);
    }

    private async Task Store(WorkflowStatus workflow, TaskGroupStatus first, TaskGroupStatus second)
    {
        await Put(workflow);
        var read = new SpecReader(new TemplateEngine()).Read(new SpecSource { Text = Chain, WorkflowUuid = Uuid });
        var spec = Assert.IsType<SpecOutcome.Accepted>(read).Spec;
        await _gateway.Put(new RowKey(RowKind.Spec, Uuid), new SpecDocument(spec, SpecWriter.ToYaml(spec), null), DocumentJson.Default.SpecDocument);
        foreach (var (task, status) in new[] { ("first", first), ("second", second) })
        {
            var group = new GroupState { Name = $"{task}-group", Status = status };
            await _gateway.Put(new RowKey(RowKind.Group, Uuid, group.Name), group, DocumentJson.Default.GroupState);
            var attempt = new TaskDocument
            {
                WorkflowUuid = Uuid,
                WorkflowId = "chain-7",
                User = "ann",
                Pool = "default",
                Priority = WorkflowPriority.Low,
                SubmitTime = DateTime.UnixEpoch,
                Uuid = new string('0', 32),
                Group = group.Name,
                Name = task,
                RetryId = 0,
                Status = status,
            };
            await _gateway.Put(new RowKey(RowKind.Task, Uuid, TaskDocument.RowId(task, 0)), attempt, DocumentJson.Default.TaskDocument);
        }
    }

    private Task Put(WorkflowStatus status) => _gateway.Put(
        new RowKey(RowKind.Workflow, Uuid),
        new WorkflowHead
        {
            WorkflowUuid = Uuid,
            WorkflowId = "chain-7",
            Name = "chain",
            Number = 7,
            User = "ann",
            Pool = "default",
            Priority = WorkflowPriority.Low,
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add("team", "robots"),
            Status = status,
            SubmitTime = DateTime.UnixEpoch,
        },
        DocumentJson.Default.WorkflowHead);

    private static WorkflowSpec Spec(string json) => JsonSerializer.Deserialize(json, DocumentJson.Default.WorkflowSpec)!;
}
