using System.Data;
using System.Data.Common;
using System.Runtime.Serialization;

namespace Osmo.Storage.State;

/// <summary>Failures of the storage, however deep in others: they say nothing about the request, and their text is not for clients (contract: api-rest §21).</summary>
public static class StorageFailures
{
    /// <summary>What clients are told of one that passes.</summary>
    public const string Busy = "The storage is not available now; try again.";

    /// <summary>What clients are told of another.</summary>
    public const string Failed = "storage failed";

    /// <summary>One that does not pass, made of what every process knows: who calls across processes must see that it was the storage, and not the request.</summary>
    public static Exception Portable() => new DataException(Failed);

    /// <summary>True when the storage works, and one document in it cannot be read: others are not concerned.</summary>
    public static bool IsOfOneDocument(Exception exception) => Find(exception) is SerializationException;

    /// <summary>The failure of the storage that <paramref name="exception"/> is or comes from; null when it has another cause.</summary>
    public static Exception? Find(Exception? exception) => exception switch
    {
        null => null,
        StateStoreException or DbException or DataException or SerializationException => exception,
        _ => Find(exception.InnerException),
    };
}
