using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Grains.Workflows;

/// <summary>What every job document depends on.</summary>
internal sealed record JobInputs(StoredWorkflow Stored, ConfigurationModel Configuration, ITemplateRenderer Renderer)
{
    public WorkflowPlan Plan => Stored.Workflow.Plan;
}

internal abstract record JobBuild
{
    private JobBuild() { }

    /// <param name="Document">UTF-8 JSON (contract: backend-protocol §10.1).</param>
    /// <param name="BroughtIn">Kinds among the objects that the clean-up of the group has to be told of.</param>
    internal sealed record Built(ReadOnlyMemory<byte> Document, ImmutableArray<ObjectKind> BroughtIn) : JobBuild;

    /// <summary>The job can never be built; the reason is for the user.</summary>
    internal sealed record Failed(string Message) : JobBuild;
}

/// <summary>Turns jobs into the documents that the operator reads.</summary>
internal static class JobBuilder
{
    /// <summary>Jobs that need the specification: they bring objects along.</summary>
    public static JobBuild Build(JobInputs inputs, BackendJob job, WorkflowSpec spec, string @namespace, Func<TaskPlan, string> refreshToken)
    {
        var group = Group(inputs, job);
        var request = new GroupRequest
        {
            Plan = inputs.Plan,
            GroupName = group.Name,
            Spec = spec,
            Labels = [.. inputs.Stored.Head.Labels],
            Configuration = inputs.Configuration,
            Namespace = @namespace,
            Attempts = group.Tasks.ToImmutableDictionary(
                task => task.Name,
                task => new AttemptFacts(inputs.Stored.Workflow.Tasks[task.Name].RetryId, new Secret(refreshToken(task)))),
            Renderer = inputs.Renderer,
        };
        var build = job is BackendJob.RescheduleTask reschedule ? GroupObjects.BuildTask(request, reschedule.Task) : GroupObjects.Build(request);
        return (build, job) switch
        {
            (GroupBuild.Failed failed, _) => new JobBuild.Failed(failed.Message),
            (GroupBuild.Built built, BackendJob.CreateGroup create) => Document(
                JobDocuments.CreateGroup(inputs.Plan, group, create, built.Objects), CleanupSpecs.BroughtIn(Scheduler(inputs), built.TemplateKinds)),
            (GroupBuild.Built built, BackendJob.RescheduleTask again) => Document(
                JobDocuments.RescheduleTask(inputs.Plan, group, again, built.Objects, inputs.Configuration.Snapshot.Workflow.MaxErrorLogLines)),
            _ => throw new ArgumentOutOfRangeException(nameof(job), job.GetType(), "This job brings no objects."),
        };
    }

    /// <summary>Jobs that need no specification.</summary>
    public static JobBuild Build(JobInputs inputs, BackendJob job) => job switch
    {
        BackendJob.CleanupGroup cleanup => Document(JobDocuments.CleanupGroup(
            inputs.Plan, Group(inputs, job), cleanup, CleanupSpecs.OfGroup(inputs.Plan, Group(inputs, job), inputs.Stored.Workflow.Groups[job.Group].BroughtIn),
            inputs.Configuration.Snapshot.Workflow.MaxErrorLogLines)),
        BackendJob.LabelNode label => Document(JobDocuments.LabelNode(inputs.Plan, label)),
        _ => throw new ArgumentOutOfRangeException(nameof(job), job.GetType(), "This job needs the specification."),
    };

    private static GroupPlan Group(JobInputs inputs, BackendJob job) => inputs.Stored.Workflow.GroupPlan(job.Group);

    private static SchedulerType Scheduler(JobInputs inputs) => inputs.Configuration.Backend(inputs.Plan.Backend).SchedulerSettings.SchedulerType;

    private static JobBuild.Built Document(JsonObject document, ImmutableArray<ObjectKind> broughtIn = default) =>
        new(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document), broughtIn.IsDefault ? [] : broughtIn);
}
