namespace Osmo.Runtime.Data;

/// <summary>One file in a store.</summary>
/// <param name="Path">Relative to the store's root, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsRoot">The URL names this very file; filters do not apply to it.</param>
internal sealed record StoredFile(string Path, long Bytes, bool IsRoot = false);

/// <summary>A place outside the pod, rooted at the prefix of one URL.</summary>
internal interface IDataStore : IDisposable
{
    /// <summary>Throws <see cref="DataAccessException"/> when the place may not be read, or written.</summary>
    Task CheckAccess(bool write, CancellationToken cancellation);

    /// <summary>The one file the URL names, under its own name; or everything below the URL.</summary>
    IAsyncEnumerable<StoredFile> List(CancellationToken cancellation);

    Task Download(StoredFile file, string localPath, Action progress, CancellationToken cancellation);

    Task Upload(string localPath, string path, Action progress, CancellationToken cancellation);
}

/// <summary>Access to a place was refused: not worth another try.</summary>
internal sealed class DataAccessException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A transfer failed for a reason that another try does not mend.</summary>
internal sealed class DataTransferException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A failure that may pass: connections, overload. Tried again.</summary>
internal sealed class DataTransientException(string message, Exception inner) : Exception(message, inner);
