using System.Data.Common;

namespace Osmo.Storage.Database;

/// <summary>One database engine: how it is opened, read, and how a batch of writes is made durable.</summary>
internal interface IDatabase : IAsyncDisposable
{
    SqlDialect Dialect { get; }

    /// <summary>Connects, brings the schema to this program's version, and starts the writers. Throws <see cref="StorageConfigurationException"/>.</summary>
    Task Open(CancellationToken cancellation);

    /// <summary>One statement, one round trip, one snapshot. Errors of the engine are thrown as they are.</summary>
    Task<List<T>> Query<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken cancellation);

    /// <summary>Writes waiting for a writer.</summary>
    CommitQueue Writes { get; }
}
