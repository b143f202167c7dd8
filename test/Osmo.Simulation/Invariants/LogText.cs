using System.Text;
using Osmo.Simulation.Record;
using Osmo.Workflows.Documents;

namespace Osmo.Simulation.Invariants;

/// <summary>Archived logs as readers get them.</summary>
internal static class LogText
{
    public static string OfAttempt(RunRecord run, WorkflowHead head, string task, int retryId) => Read(run, $"{head.WorkflowId}/task_logs_{task}_{retryId}.txt") ?? "";

    public static string? OfWorkflow(RunRecord run, WorkflowHead head) => Read(run, $"{head.WorkflowId}/workflow_logs.txt");

    private static string? Read(RunRecord run, string key) => run.Objects.Find(key) is { } content ? Encoding.UTF8.GetString(content) : null;
}
