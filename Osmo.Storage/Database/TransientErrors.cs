using System.Net.Sockets;
using Amazon.Runtime;
using Microsoft.Data.Sqlite;
using Npgsql;
using Osmo.Storage.State;
using SQLitePCL;

namespace Osmo.Storage.Database;

/// <summary>The one judge of whether the same call may succeed later. Whoever retries asks here.</summary>
public static class TransientErrors
{
    public static bool IsTransient(Exception error) => error switch
    {
        StateStoreException state => state.IsTransient,
        PostgresException postgres => postgres.IsTransient || IsTransientState(postgres.SqlState),
        SqliteException sqlite => IsTransientCode(sqlite.SqliteErrorCode),
        // Without a SQLSTATE the server did not answer: the connection broke or never came about.
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is IOException or SocketException or TimeoutException,
        AmazonServiceException service => (int)service.StatusCode is 0 or 408 or 429 or >= 500,
        TimeoutException or SocketException or HttpRequestException or EndOfStreamException => true,
        _ => false,
    };

    /// <summary>Classes: 08 connection, 40 rolled back, 53 out of resources, 57P server going down or coming up.</summary>
    private static bool IsTransientState(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("40", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal);

    private static bool IsTransientCode(int code) =>
        code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT
            or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_PROTOCOL;
}
