using Osmo.Simulation.Record;
using Osmo.Storage.Database;
using Osmo.Storage.Migrations;
using Osmo.Storage.Sqlite;

namespace Osmo.Simulation.Storage;

/// <summary>
/// What survives a crash: a SQLite database in memory, with the schema and statements of the real one, and the objects. A transaction never spans a step of
/// the simulation, so after a crash it holds exactly what was committed. One disk serves one run after the other: making the schema is slow.
/// </summary>
internal sealed class Disk : IDisposable
{
    private static readonly string Clear = string.Concat(
        Enum.GetValues<Osmo.Storage.State.RowKind>().Select(kind => $"DELETE FROM {kind.Table()};").Append("DELETE FROM workflow_name;"));

    static Disk() => SQLitePCL.Batteries_V2.Init();

    public Disk()
    {
        Session = new SqliteSession(":memory:", Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;");
        foreach (var step in MigrationSet.Load("Sqlite")) Session.Run(step.Text);
    }

    public SqliteSession Session { get; }

    public MemoryObjects Objects { get; private set; } = new();

    /// <summary>Told of every commit that was really made.</summary>
    public CommittedRows Rows { get; private set; } = new();

    /// <summary>An empty disk for the next run.</summary>
    public void Format()
    {
        Session.Run(Clear);
        (Objects, Rows) = (new MemoryObjects(), new CommittedRows());
    }

    public void Dispose() => Session.Dispose();
}
