namespace Osmo.Workflows.Lifecycle;

/// <summary>Strikes off what was performed.</summary>
internal static class Outbox
{
    public static void Performed(TransitionBuilder change, WorkflowEvent.OutboxPerformed performed)
    {
        var state = change.State;
        if (state.Outbox.FirstOrDefault(entry => entry.Id == performed.EntryId) is { } entry)
            change.Set(state with { Outbox = state.Outbox.Remove(entry), Archived = state.Archived || entry.Kind == OutboxKind.Archive });
    }
}
