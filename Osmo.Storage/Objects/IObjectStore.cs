namespace Osmo.Storage.Objects;

/// <summary>Objects by key, in a folder or an S3-compatible bucket. Keys are '/'-separated, without leading '/', '.' or '..' parts; a key is not also the folder of another.</summary>
/// <remarks>
/// A key that is not of this form is an <see cref="ArgumentException"/>. What the disk or the service refuses is thrown as it is;
/// <see cref="Database.TransientErrors"/> judges whether to try again.
/// </remarks>
public interface IObjectStore
{
    /// <summary>
    /// Writes the whole object; readers see the old or the new content, never a part. Content that cannot tell its length may be refused beyond 80 MiB, with an <see cref="ArgumentException"/>.
    /// </summary>
    Task Write(string key, Stream content, CancellationToken cancellation = default);

    /// <summary>The object's content, or null when there is none. The caller disposes it.</summary>
    Task<Stream?> Read(string key, CancellationToken cancellation = default);

    /// <summary>The keys that start with <paramref name="prefix"/>; "" lists all.</summary>
    IAsyncEnumerable<string> List(string prefix, CancellationToken cancellation = default);

    /// <summary>Deletes the object if it is there.</summary>
    Task Delete(string key, CancellationToken cancellation = default);
}
