using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Osmo.Storage.Database;
using Osmo.Storage.Migrations;

namespace Osmo.Storage.Sqlite;

/// <summary>
/// A file, one writer with a thread of its own (it waits for the disk), and readers on their callers' threads. The write-ahead log is synced
/// at each commit, so an acknowledged commit survives a loss of power; readers see the newest commit and never wait for the writer.
/// </summary>
internal sealed class SqliteDatabase(string path, TimeProvider time, ILogger logger) : IDatabase
{
    /// <summary>Idle reading connections kept open; more may exist while more threads read at once.</summary>
    private const int IdleReadersMax = 8;

    private const string WriterPragmas =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;";

    private const string ReaderPragmas =
        "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;";

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private FileStream? _lock;
    private SqliteSession? _writer;
    private Thread? _writerThread;
    private bool _closed;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    public SqlDialect Dialect { get; } = new SqliteDialect();

    public CommitQueue Writes { get; } = new();

    public Task Open(CancellationToken cancellation)
    {
        _lock = LockFile();
        try
        {
            _writer = new(path, SqliteOpenMode.ReadWriteCreate, WriterPragmas);
            Migrate(_writer);
        }
        catch (SqliteException error)
        {
            throw new StorageConfigurationException(
                $"Database: '{path}' cannot be used as a SQLite database: {error.Message}. Name a file that Osmo may create or has created.", error);
        }
        _writerThread = new(() => RunWriter(new(_writer, logger))) { IsBackground = true, Name = "sqlite writer" };
        _writerThread.Start();
        return Task.CompletedTask;
    }

    public Task<List<T>> Query<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_writerThread is null) throw new InvalidOperationException("Storage is not open yet.");
        ObjectDisposedException.ThrowIf(_closed, this);
        var (text, parameters) = sql.Render();
        if (!_readers.TryTake(out var session)) session = new(path, SqliteOpenMode.ReadWrite, ReaderPragmas);
        try
        {
            var rows = session.Query(text, [.. parameters], read, cancellation);
            if (_readers.Count < IdleReadersMax && !_closed)
            {
                _readers.Add(session);
                session = null;
            }
            return Task.FromResult(rows);
        }
        finally
        {
            session?.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Writes.Close();
        _writerThread?.Join();
        _closed = true;
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _writer?.Dispose();
        _lock?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void RunWriter(SqliteCommitWriter writer)
    {
        var batch = new List<PendingCommit>(CommitQueue.BatchWrites);
        while (Writes.TakeBlocking(batch)) writer.Write(batch);
    }

    /// <summary>Two servers on one file would each trust their own memory; the operating system lets go of the lock however a process ends.</summary>
    private FileStream LockFile()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
            return new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageConfigurationException($"Database: folder '{folder}' is not writable. Give this user write access, or name another path.", error);
        }
        catch (IOException error)
        {
            throw new StorageConfigurationException(
                $"Database: '{path}' cannot be locked: {error.Message} Stop the other process that uses it, or name another path.", error);
        }
    }

    private void Migrate(SqliteSession session)
    {
        session.Run("BEGIN EXCLUSIVE");
        session.Run($"CREATE TABLE IF NOT EXISTS {MigrationSet.TableName} (number INTEGER PRIMARY KEY, name TEXT, checksum TEXT, applied TEXT)");
        var applied = session.Query(
            $"SELECT number, name, checksum FROM {MigrationSet.TableName} ORDER BY number",
            [],
            reader => new AppliedMigration(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        foreach (var step in MigrationSet.Pending(MigrationSet.Load("Sqlite"), applied))
        {
            session.Run(step.Text);
            session.Execute(
                $"INSERT INTO {MigrationSet.TableName} (number, name, checksum, applied) VALUES ($1, $2, $3, $4)",
                step.Number, step.Name, step.Checksum, time.GetUtcNow().ToString("O"));
            StorageLog.MigrationApplied(logger, step.Number, step.Name);
        }
        session.Run("COMMIT");
    }
}
