namespace Osmo.Runtime.Pods;

/// <summary>A container's log file: bounded, with one older file beside it. Safe from several threads.</summary>
internal sealed class ContainerLog : Stream
{
    /// <summary>Of the file in use; the older one has at most as many.</summary>
    public const long MaximumBytes = 10L * 1024 * 1024;

    private readonly string _path;
    private readonly long _maximumBytes;
    private readonly Lock _gate = new();
    private FileStream _file;
    private long _bytes;

    public ContainerLog(string path, long maximumBytes = MaximumBytes)
    {
        (_path, _maximumBytes) = (path, maximumBytes);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _file = Open(FileMode.Append);
        _bytes = _file.Length;
    }

    public static string OlderFile(string path) => path + ".1";

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("A container's log is only written.");

    public override long Position
    {
        get => throw new NotSupportedException("A container's log is only written.");
        set => throw new NotSupportedException("A container's log is only written.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            if (_bytes > 0 && _bytes + buffer.Length > _maximumBytes)
                Rotate();
            _file.Write(buffer);
            _bytes += buffer.Length;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is buffered: whoever reads the file sees a line as soon as it is written.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A container's log is only written.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A container's log is only written.");

    public override void SetLength(long value) => throw new NotSupportedException("A container's log is only written.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
                _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Rotate()
    {
        _file.Dispose();
        File.Move(_path, OlderFile(_path), overwrite: true);
        _file = Open(FileMode.Create);
        _bytes = 0;
    }

    private FileStream Open(FileMode mode) => new(_path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
