namespace Osmo.Storage.Objects;

/// <summary>The whole content of a stream that could not tell its length: in memory when it is small, else in a file.</summary>
internal sealed class SpooledContent : IAsyncDisposable
{
    /// <summary>More than that is put into a file.</summary>
    private const int MemoryBytesMax = 256 << 10;

    /// <summary>
    /// Files of one store at a time, whoever writes; others wait. All of them fit into the volume for temporary files that a silo's pod has (k8s/control-plane/base/silo.yaml: 256 MiB):
    /// a pod that uses more is evicted.
    /// </summary>
    public const int FilesMax = 3;

    /// <summary>The longest such content; the longest log is 64 MiB.</summary>
    public const long BytesMax = 80L << 20;

    private const int BufferBytes = 64 << 10;

    private readonly SemaphoreSlim _files;
    private bool _hasFile;

    private SpooledContent(SemaphoreSlim files) => _files = files;

    public Stream Stream { get; private set; } = new MemoryStream();

    /// <param name="files">Has room for <see cref="FilesMax"/>.</param>
    /// <exception cref="ArgumentException">The content is longer than <see cref="BytesMax"/>.</exception>
    public static async Task<SpooledContent> Read(Stream content, SemaphoreSlim files, CancellationToken cancellation)
    {
        var spooled = new SpooledContent(files);
        try
        {
            var buffer = new byte[BufferBytes];
            for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
            {
                await spooled.Append(buffer.AsMemory(0, read), cancellation);
            }
            spooled.Stream.Position = 0;
            return spooled;
        }
        catch
        {
            await spooled.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (_hasFile) _files.Release();
    }

    private async Task Append(ReadOnlyMemory<byte> part, CancellationToken cancellation)
    {
        var length = Stream.Length + part.Length;
        if (length > BytesMax) throw new ArgumentException($"An object whose length is not known beforehand is longer than {BytesMax} bytes.");
        if (length > MemoryBytesMax && !_hasFile) await MoveToFile(cancellation);
        await Stream.WriteAsync(part, cancellation);
    }

    private async Task MoveToFile(CancellationToken cancellation)
    {
        await _files.WaitAsync(cancellation);
        _hasFile = true;
        await using var memory = Stream;
        var path = Path.GetTempFileName();
        Stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete, 1 << 16, FileOptions.Asynchronous);
        // It has no name any more, so that nothing is left of it after a crash.
        File.Delete(path);
        memory.Position = 0;
        await memory.CopyToAsync(Stream, cancellation);
    }
}
