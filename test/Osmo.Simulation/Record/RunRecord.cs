using System.Collections.Immutable;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Storage;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Specification;

namespace Osmo.Simulation.Record;

/// <summary>A workflow as its user knows it.</summary>
internal sealed class SubmittedWorkflow(string uuid, string user, string backend, WorkflowSpec? spec)
{
    public string Uuid => uuid;

    public string User => user;

    /// <summary>Has the name of its pool.</summary>
    public string Backend => backend;

    /// <summary>What was submitted; null when the specification was rejected.</summary>
    public WorkflowSpec? Spec => spec;

    /// <summary>What the submit answered; null while it has not, or when it was refused.</summary>
    public string? Id { get; set; }

    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Why the submit was refused, and when.</summary>
    public (string Message, DateTimeOffset At)? Refused { get; set; }

    /// <summary>Its user wants to be told of its end.</summary>
    public bool EndIsAwaited { get; init; }

    public DateTimeOffset? CancelAcceptedAt { get; set; }

    public GroupSpec GroupOf(string task) => spec!.Groups.First(group => group.Tasks.Any(member => member.Name == task));

    /// <summary>Names of the groups of this workflow whose outputs the group reads.</summary>
    public IEnumerable<string> UpstreamOf(GroupSpec group) =>
        group.Tasks.SelectMany(task => task.Inputs).OfType<InputSpec.FromTask>().Select(input => GroupOf(input.Task).Name).Where(name => name != group.Name).Distinct();
}

/// <summary>A report whose delivery was acknowledged, and the attempt as it was stored at that moment.</summary>
internal sealed record AcknowledgedReport(string WorkflowUuid, PodReport Report, TaskDocument? Stored, int? LatestRetry);

/// <summary>A pod came into being.</summary>
/// <param name="PreparedAt">When the operator had asked for the job that made it.</param>
/// <param name="UnfinishedUpstream">Groups that had not completed, of those it reads from.</param>
/// <param name="OtherPods">Other pods of the task that were still there.</param>
internal sealed record PodBirth(
    string WorkflowUuid, string Task, int RetryId, DateTimeOffset At, DateTimeOffset PreparedAt, ImmutableArray<string> UnfinishedUpstream, int OtherPods);

/// <summary>The containers of a pod ended.</summary>
internal sealed record PodEnd(string WorkflowUuid, string Task, int RetryId, int? ExitCode);

/// <summary>A worker was busy with a job that creates pods.</summary>
internal sealed class JobWork(string jobId, DateTimeOffset begun)
{
    public string JobId => jobId;

    public DateTimeOffset Begun { get; } = begun;

    /// <summary>When it last did something.</summary>
    public DateTimeOffset Latest { get; set; } = begun;
}

/// <summary>Lines of an attempt that were acknowledged while its workflow was alive.</summary>
internal sealed record AcknowledgedLines(string WorkflowUuid, string Task, int RetryId, string Text);

/// <summary>Somebody who follows the log of a workflow to its end.</summary>
internal sealed class LogReader(string workflowUuid)
{
    public string WorkflowUuid => workflowUuid;

    public bool HasEnded { get; set; }
}

/// <summary>Something of a backend that was still there at the end.</summary>
internal sealed record Leftover(string WorkflowUuid, string GroupUuid, string What);

/// <summary>A message that was delivered once more after the end, and what it changed.</summary>
internal sealed record Redelivery(string WorkflowUuid, string What, int Writes);

/// <summary>Everything that the invariants speak of. They read it; only the run writes it.</summary>
internal sealed class RunRecord(CommittedRows rows, MemoryObjects objects)
{
    public CommittedRows Rows => rows;

    public MemoryObjects Objects => objects;

    public List<SubmittedWorkflow> Workflows { get; } = [];

    public List<AcknowledgedReport> Reports { get; } = [];

    public List<AcknowledgedLines> Lines { get; } = [];

    public List<PodBirth> Births { get; } = [];

    public List<PodEnd> PodEnds { get; } = [];

    public List<JobWork> Works { get; } = [];

    public List<LogReader> Readers { get; } = [];

    public List<Leftover> Leftovers { get; } = [];

    public List<Redelivery> Redeliveries { get; } = [];

    /// <summary>Every message about a workflow, to be delivered once more at the end.</summary>
    public List<(string WorkflowUuid, string What, Func<IGrainFactory, Task> Deliver)> Messages { get; } = [];

    /// <summary>When faults stopped.</summary>
    public DateTimeOffset CalmSince { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>Ids of the mails that were sent.</summary>
    public HashSet<string> Mails { get; } = [];

    /// <summary>Exceptions that nobody may see, whatever goes wrong.</summary>
    public List<string> Unexpected { get; } = [];

    /// <summary>Workflows of these backends had to end while their neighbour was still misbehaving.</summary>
    public List<string> DelayedByNeighbour { get; } = [];

    /// <summary>How many things users are still about.</summary>
    public int UsersAtWork { get; set; }

    /// <summary>Starts code whose failure nobody awaits: it may not fail.</summary>
    public void Start(SimulatedProcess process, Func<Task> code) => process.Start(code).ContinueWith(
        ended => Unexpected.Add($"{process.Name}: {ended.Exception!.InnerException}"),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    public SubmittedWorkflow? Find(string uuid) => Workflows.Find(workflow => workflow.Uuid == uuid);
}
