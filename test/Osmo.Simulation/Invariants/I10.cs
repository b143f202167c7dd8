using Osmo.Simulation.Record;

namespace Osmo.Simulation.Invariants;

/// <summary>Limits are never exceeded: no task has more attempts than retries are allowed.</summary>
internal sealed class I10 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from workflow in run.Workflows
        let plan = run.Rows.Plan(workflow.Uuid)
        where plan is not null
        from attempt in run.Rows.Attempts(workflow.Uuid)
        where attempt.RetryId > plan.MaxRetriesPerTask
        select $"{attempt.Name} of {plan.WorkflowId} has attempt {attempt.RetryId}; allowed are {plan.MaxRetriesPerTask} retries";
}
