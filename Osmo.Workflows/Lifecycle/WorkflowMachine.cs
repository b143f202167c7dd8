namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The lifecycle of a workflow as a pure function: state and event in, next state and work to do out (contract: lifecycle).
/// It reads no clock and does no I/O; the same input always gives the same output.
/// </summary>
public static class WorkflowMachine
{
    /// <summary>A finished workflow can only be cancelled by force, which cleans up once more (contract: lifecycle §16).</summary>
    public static bool CanCancel(Workflow workflow, bool force) => force || workflow.State.Status.IsAlive;
}
