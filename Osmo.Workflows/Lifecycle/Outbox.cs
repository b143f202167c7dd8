namespace Osmo.Workflows.Lifecycle;

/// <summary>Effects that are committed with the state that wants them, and struck off when they were performed.</summary>
internal static class Outbox
{
    public static void Announce(TransitionBuilder change, WorkflowEvent.EndAnnounced announced)
    {
        if (!change.State.Status.IsFinished)
            return;

        foreach (var way in announced.Ways)
            Add(change, way);
    }

    /// <summary>Adds an effect unless it waits to be performed already.</summary>
    public static void Add(TransitionBuilder change, OutboxKind kind)
    {
        var entry = new OutboxEntry($"{change.Plan.WorkflowUuid}-{WireEnum<OutboxKind>.Name(kind).ToLowerInvariant()}", kind);
        if (!change.State.Outbox.Contains(entry))
            change.Set(change.State with { Outbox = change.State.Outbox.Add(entry) });
    }

    public static void Performed(TransitionBuilder change, WorkflowEvent.OutboxPerformed performed)
    {
        var state = change.State;
        if (state.Outbox.FirstOrDefault(entry => entry.Id == performed.EntryId) is { } entry)
            change.Set(state with { Outbox = state.Outbox.Remove(entry), Archived = state.Archived || entry.Kind == OutboxKind.Archive });
    }
}
