using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>The table of each row kind.</summary>
internal static class RowTables
{
    public static string Table(this RowKind kind) => kind switch
    {
        RowKind.Workflow => "workflow",
        RowKind.Plan => "plan",
        RowKind.Spec => "spec",
        RowKind.Group => "workflow_group",
        RowKind.Task => "task",
        RowKind.Job => "job",
        RowKind.Backend => "backend",
        RowKind.Node => "node",
        RowKind.LogChunk => "log_chunk",
        RowKind.Document => "document",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a row kind."),
    };
}
