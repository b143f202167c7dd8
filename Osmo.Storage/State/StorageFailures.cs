using System.Data.Common;

namespace Osmo.Storage.State;

/// <summary>Failures of the storage, however deep in others: they say nothing about the request, and their text is not for clients (contract: api-rest §21).</summary>
public static class StorageFailures
{
    /// <summary>What clients are told of one that passes.</summary>
    public const string Busy = "The storage is not available now; try again.";

    /// <summary>What clients are told of another.</summary>
    public const string Failed = "storage failed";

    /// <summary>The failure of the storage that <paramref name="exception"/> is or comes from; null when it has another cause.</summary>
    public static Exception? Find(Exception? exception) => exception switch
    {
        null => null,
        StateStoreException or DbException => exception,
        _ => Find(exception.InnerException),
    };
}
