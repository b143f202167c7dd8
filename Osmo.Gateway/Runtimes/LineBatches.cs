using System.Buffers;
using Osmo.Protocol.Runtime;

namespace Osmo.Gateway.Runtimes;

/// <summary>Rendered lines that are appended at once, and the messages that come after them.</summary>
internal sealed class LineBatch
{
    /// <summary>What a batch holds before it has any text.</summary>
    public const int BytesMin = 1024;

    public ArrayBufferWriter<byte> Text { get; } = new(BytesMin);

    /// <summary>Numbered lines in <see cref="Text"/>.</summary>
    public int Lines { get; set; }

    /// <summary>'\n' in <see cref="Text"/>.</summary>
    public int Rows { get; set; }

    public List<CtrlMessage> After { get; } = [];
}

/// <summary>
/// What a connection has received and not yet stored. While one batch is being stored the next one grows: the slower the store, the larger
/// the batches.
/// One writer, one reader; the writer waits while too much is pending, so that the peer feels it.
/// </summary>
internal sealed class LineBatches(LineRenderer renderer) : IDisposable
{
    /// <summary>
    /// Pending text above which nothing more is taken. Each batch counts <see cref="LineBatch.BytesMin"/> beside its text: lines that are
    /// rendered to nothing have batches of their own too.
    /// </summary>
    public const int PendingBytesMax = 1 << 20;

    /// <summary>Pending messages that are not lines, above which nothing more is taken.</summary>
    public const int PendingMessagesMax = 256;

    private readonly Lock _gate = new();
    private readonly Queue<LineBatch> _pending = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _drained = new(0);
    private LineBatch? _last;
    private int _bytes;
    private int _messages;
    private bool _writerWaits;
    private bool _completed;

    public async ValueTask Add(IReadOnlyList<CtrlMessage> messages, CancellationToken cancellation)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                Put(message);
            }

            _writerWaits = _bytes > PendingBytesMax || _messages > PendingMessagesMax;
            if (!_writerWaits)
            {
                return;
            }
        }

        await _drained.WaitAsync(cancellation);
    }

    /// <summary>Nothing more will be added.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
        }

        _filled.Release();
    }

    /// <summary>The oldest batch, as soon as there is one; null when there will be none.</summary>
    public async ValueTask<LineBatch?> Take(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_pending.TryDequeue(out var batch))
                {
                    Taken(batch);
                    return batch;
                }

                if (_completed)
                {
                    return null;
                }
            }

            await _filled.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _filled.Dispose();
        _drained.Dispose();
    }

    private void Put(CtrlMessage message)
    {
        if (message is not CtrlMessage.Line line)
        {
            Current().After.Add(message);
            _messages++;
            return;
        }

        // Whoever drops the lines of a batch that were stored before finds them by their '\n'; so a line that is not one row travels alone.
        var isOneRow = LineRenderer.Rows(line) == 1;
        var batch = Current();
        if (batch.After.Count > 0 || batch.Lines != batch.Rows || (!isOneRow && batch.Lines > 0))
        {
            batch = Open();
        }

        var before = batch.Text.WrittenCount;
        batch.Rows += renderer.Render(line, batch.Text);
        batch.Lines++;
        _bytes += batch.Text.WrittenCount - before;
    }

    private LineBatch Current() => _last ?? Open();

    private LineBatch Open()
    {
        _last = new LineBatch();
        _pending.Enqueue(_last);
        _bytes += LineBatch.BytesMin;
        if (_pending.Count == 1)
        {
            _filled.Release();
        }

        return _last;
    }

    private void Taken(LineBatch batch)
    {
        if (ReferenceEquals(batch, _last))
        {
            _last = null;
        }

        _bytes -= LineBatch.BytesMin + batch.Text.WrittenCount;
        _messages -= batch.After.Count;
        if (_writerWaits && _bytes <= PendingBytesMax && _messages <= PendingMessagesMax)
        {
            _writerWaits = false;
            _drained.Release();
        }
    }
}
