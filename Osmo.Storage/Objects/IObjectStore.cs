namespace Osmo.Storage.Objects;

/// <summary>Objects by key, in a folder or an S3-compatible bucket. Keys are '/'-separated, without leading '/', '.' or '..' parts.</summary>
public interface IObjectStore
{
    /// <summary>Writes the whole object; readers see the old or the new content, never a part.</summary>
    Task Write(string key, Stream content, CancellationToken cancellation = default);

    /// <summary>The object's content, or null when there is none. The caller disposes it.</summary>
    Task<Stream?> Read(string key, CancellationToken cancellation = default);

    IAsyncEnumerable<string> List(string prefix, CancellationToken cancellation = default);

    /// <summary>Deletes the object if it is there.</summary>
    Task Delete(string key, CancellationToken cancellation = default);
}
