using System.Text.Json;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>What the machine works on survives its row documents.</summary>
public sealed class DocumentRoundTripTests
{
    [Fact]
    public void Plan_RoundTrip_IsTheSame()
    {
        var task = Plans.Task("T", lead: true) with
        {
            ExitActions = [new ExitAction(ExitActionKind.Reschedule, 1, 9)],
            Resources = new TaskResources(10.5, 2, 4, 8),
        };
        var plan = Plans.Of(
            Plans.Group("G", task, Plans.Task("T2")) with { IgnoreNonleadStatus = false },
            Plans.Group("H", Plans.Task("U")) with { Upstream = ["G"] });
        var json = JsonSerializer.Serialize(plan, DocumentJson.Default.WorkflowPlan);

        Assert.Contains("\"kind\":\"RESCHEDULE\"", json, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize(json, DocumentJson.Default.WorkflowPlan)!;
        Assert.Equal(json, JsonSerializer.Serialize(read, DocumentJson.Default.WorkflowPlan));
        Assert.Equal((plan.ExecTimeout, false), (read.ExecTimeout, read.Groups[0].IgnoreNonleadStatus));
        Assert.Equal(10.5, read.Groups[0].Tasks[0].Resources.Storage);
    }

    [Fact]
    public void Group_WithJobsOfEveryKind_RoundTripIsTheSame()
    {
        var scenario = new Scenario(Plans.Two().WithExitAction(ExitActionKind.Reschedule, 1001, limit: 1))
            .Pod("T2", S.Failed, 1001, node: "n");
        var create = scenario.Group("G");
        Assert.Equal(["CreateGroup", "RescheduleTask", "LabelNode"], create.OpenJobs.Select(job => job.GetType().Name));
        var cleanup = scenario.Cancel(force: true).Group("G");
        Assert.Contains(cleanup.OpenJobs, job => job is BackendJob.CleanupGroup);

        foreach (var group in new[] { create, cleanup })
        {
            var json = JsonSerializer.Serialize(group, DocumentJson.Default.GroupState);
            var read = JsonSerializer.Deserialize(json, DocumentJson.Default.GroupState)!;
            Assert.Equal(json, JsonSerializer.Serialize(read, DocumentJson.Default.GroupState));
            Assert.Equal(group.OpenJobs.Select(job => (job.JobId, job.GetType())), read.OpenJobs.Select(job => (job.JobId, job.GetType())));
        }
    }

    [Fact]
    public void Job_RoundTrip_KnowsItsKind()
    {
        BackendJob job = new BackendJob.CleanupGroup { JobId = "j", Group = "G", Sequence = 2, Force = true, ErrorLogs = true };
        var json = JsonSerializer.Serialize(new JobDocument("default", Plans.Uuid, 1, job), DocumentJson.Default.JobDocument);
        Assert.Contains("\"kind\":\"CleanupGroup\"", json, StringComparison.Ordinal);
        Assert.Equal(job, JsonSerializer.Deserialize(json, DocumentJson.Default.JobDocument)!.Job);
    }

    [Fact]
    public void Attempt_RoundTrip_IsTheSame()
    {
        var scenario = new Scenario(Plans.Two()).Starting("T", "pulling").Pod("T", S.Running, node: "n").Barrier("T");
        var state = scenario.Task("T") with
        {
            EndTime = Scenario.Submitted,
            ExitCode = 7,
            FailureMessage = "m",
            PodIp = "10.0.0.1",
            InputDownloadStartTime = Scenario.Submitted,
            InputDownloadEndTime = Scenario.Submitted,
            OutputUploadStartTime = Scenario.Submitted,
            OutputUploadEndTime = Scenario.Submitted,
        };
        var document = TaskDocument.Of(scenario.Workflow.Plan, Scenario.Submitted, scenario.Workflow.Plan.Groups[0].Tasks[0], state);
        var json = JsonSerializer.Serialize(document, DocumentJson.Default.TaskDocument);
        var read = JsonSerializer.Deserialize(json, DocumentJson.Default.TaskDocument)!;
        Assert.Equal(state, read.State);
    }

    [Fact]
    public void Head_RoundTrip_IsTheSame()
    {
        var state = new Scenario(Plans.One()).Pod("T", S.Running).Cancel().Do(new WorkflowEvent.BackendRemoved()).Workflow.State;
        var head = new WorkflowHead
        {
            WorkflowUuid = Plans.Uuid,
            WorkflowId = "train-1",
            Name = "train",
            Number = 1,
            User = "jo",
            Pool = "default",
            Priority = WorkflowPriority.Normal,
            Status = WorkflowStatus.Pending,
            SubmitTime = Scenario.Submitted,
        }.With(state, null);
        var json = JsonSerializer.Serialize(head, DocumentJson.Default.WorkflowHead);
        var read = JsonSerializer.Deserialize(json, DocumentJson.Default.WorkflowHead)!.State;
        Assert.Equal(state.Outbox.AsEnumerable(), read.Outbox);
        Assert.Equal(state with { Outbox = [] }, read with { Outbox = [] });
    }
}
