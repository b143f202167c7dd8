using Microsoft.Extensions.Logging;
using Osmo.Storage.Database;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Storage;

/// <summary>State and objects as the options name them. Until it is opened nothing is touched, and nothing works.</summary>
public sealed class OsmoStorage : IAsyncDisposable
{
    private readonly IDatabase _database;
    private readonly StorageMetrics _metrics = new();
    private readonly IOpenableObjectStore _objects;

    public OsmoStorage(StorageOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _database = Databases.Create(options, time, loggers.CreateLogger("Osmo.Storage"));
        State = new RowStore(_database, _metrics);
        Queries = new WorkflowQueries(_database);
        Backlog = new BacklogQuery(_database);
        _objects = ObjectStores.Create(options);
    }

    public IStateStore State { get; }

    public IWorkflowQueries Queries { get; }

    public IBacklogQuery Backlog { get; }

    public IObjectStore Objects => _objects;

    /// <summary>Connects and migrates. Throws <see cref="StorageConfigurationException"/> when a setting is wrong or what it names cannot be used.</summary>
    public async Task Open(CancellationToken cancellation = default)
    {
        await _objects.Open(cancellation);
        await _database.Open(cancellation);
    }

    /// <summary>Opened storage; the caller disposes it.</summary>
    public static async Task<OsmoStorage> Open(StorageOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation = default)
    {
        var storage = new OsmoStorage(options, time, loggers);
        try
        {
            await storage.Open(cancellation);
            return storage;
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes what was accepted, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _metrics.Dispose();
        (_objects as IDisposable)?.Dispose();
    }
}
