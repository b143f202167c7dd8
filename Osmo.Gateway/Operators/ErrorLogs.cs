using System.Text;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Runtimes;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// The last lines of failed containers, collected during clean-up, go to the error logs of their attempts (contract: backend-protocol §7).
/// </summary>
internal sealed class ErrorLogs(IGrainFactory grains, TaskNames names, ConnectionLog log)
{
    public CollectedErrors Of(string workflowUuid) => new(grains, names, log, workflowUuid);
}

/// <summary>
/// Lines of one hand-out of a job, which replace those of the one before. Numbered within it, so that none is stored twice.
/// </summary>
internal sealed class CollectedErrors(IGrainFactory grains, TaskNames names, ConnectionLog log, string workflowUuid)
{
    /// <summary>Text held before it is stored.</summary>
    private const int HeldCharsMax = 256 << 10;

    private readonly string _handOut = Guid.CreateVersion7().ToString("N");
    private readonly StringBuilder _text = new();
    private readonly Dictionary<(string TaskUuid, int RetryId), Attempt?> _attempts = [];
    private Attempt? _held;

    public async Task Add(BackendMessage.PodLog lines, CancellationToken cancellation)
    {
        var attempt = await Find(lines, cancellation);
        if (attempt != _held || _text.Length > HeldCharsMax)
        {
            await Flush(cancellation);
            _held = attempt;
        }

        if (attempt is not null)
        {
            _text.Append(lines.Mask ? attempt.Mask.Apply(lines.Text) : lines.Text).Append('\n');
        }
    }

    /// <summary>Stores what is held. After a failure it is held still.</summary>
    public async Task Flush(CancellationToken cancellation)
    {
        if (_held is null || _text.Length == 0)
        {
            return;
        }

        var text = _text.ToString();
        var lines = text.AsSpan().Count('\n');
        var append = new LogAppend(LogStream.Errors, _held.Task, _held.RetryId, _held.Stored, lines, Encoding.UTF8.GetBytes(text)) { HandOut = _handOut };
        await Transient.Retry(() => grains.GetGrain<IWorkflowLogGrain>(workflowUuid).Append(append), cancellation);
        _held.Stored += lines;
        _text.Clear();
    }

    private async ValueTask<Attempt?> Find(BackendMessage.PodLog lines, CancellationToken cancellation)
    {
        var key = (lines.Task, lines.RetryId);
        if (_attempts.TryGetValue(key, out var known))
        {
            return known;
        }

        if (await names.OfTask(workflowUuid, lines.Task, cancellation) is not { } task)
        {
            log.UnknownTask(workflowUuid, lines.Task);
            return _attempts[key] = null;
        }

        var attachment = await Transient.Retry(
            () => grains.GetGrain<IWorkflowGrain>(workflowUuid).AttachRuntime(task, lines.RetryId), cancellation);
        return _attempts[key] = new Attempt(task, lines.RetryId, new SecretMask(attachment.Masked));
    }

    private sealed class Attempt(string task, int retryId, SecretMask mask)
    {
        public string Task => task;

        public int RetryId => retryId;

        public SecretMask Mask => mask;

        /// <summary>Lines of this hand-out that are stored.</summary>
        public long Stored { get; set; }
    }
}
