using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Osmo.Grains.Interfaces;

/// <summary>
/// The log of one workflow while it lives; the key is the workflow uuid. It is the only writer of the workflow's <c>log_chunk</c> rows and gives them their sequence.
/// Readers read the rows, and wait here for more; after the archive they read object storage.
/// </summary>
[Alias("osmo.IWorkflowLogGrain")]
public interface IWorkflowLogGrain : IGrainWithStringKey
{
    /// <summary>
    /// Appends lines; durable when it returns. Lines that were appended before are dropped: those with numbers, of their own or of their connection, by number, events when the same line is there.
    /// The first lines that another hand-out of a job has collected of an attempt's errors replace those that are there (contract: backend-protocol §10.2), and
    /// what then still comes of the replaced ones is dropped. Returns the number of lines of this attempt that are durable.
    /// </summary>
    [Alias("Append")]
    Task<long> Append(LogAppend append);

    /// <summary>As <see cref="Append"/> of each of these events, in one commit.</summary>
    [Alias("AppendEvents")]
    Task AppendEvents(ImmutableArray<LogAppend> events);

    /// <summary>The last sequence, as soon as it is beyond <paramref name="sequence"/> or the log has ended; after a while in any case.</summary>
    [Alias("WaitBeyond"), AlwaysInterleave]
    Task<LogPosition> WaitBeyond(long sequence, CancellationToken cancellation);

    /// <summary>How many lines of the attempt are durable.</summary>
    [Alias("DurableLines")]
    Task<long> DurableLines(string task, int retryId);

    /// <summary>
    /// Ends the log and puts it, and the specification, into object storage (contract: lifecycle §17); whoever asked for it deletes the rows. Repeating it changes nothing. Returns the sequence of the
    /// oldest chunk that was still there.
    /// </summary>
    [Alias("Archive")]
    Task<long> Archive(LogArchive archive);
}

public enum LogStream
{
    /// <summary>What tasks and their runtimes print.</summary>
    Logs = 1,

    /// <summary>Pod conditions and cluster events.</summary>
    Events,

    /// <summary>Last lines of failed containers.</summary>
    Errors,
}

/// <param name="FirstLine">Number (from 0, within the attempt) of the first line; null when lines are not numbered.</param>
/// <param name="LineCount">Number of lines in <paramref name="Text"/>.</param>
/// <param name="Text">Rendered lines, UTF-8, each ending in '\n' (contract: runtime-protocol §21.2).</param>
[GenerateSerializer, Immutable, Alias("osmo.LogAppend")]
public sealed record LogAppend(LogStream Stream, string Task, int RetryId, long? FirstLine, int LineCount, ReadOnlyMemory<byte> Text)
{
    /// <summary>Of errors: any name of the hand-out of the job that collected them; lines are numbered within it. Null when they just come behind what is there.</summary>
    [Id(0)]
    public string? HandOut { get; init; }

    /// <summary>Where lines that their sender does not number stand among those of their connection. Null when they just come behind what is there.</summary>
    [Id(1)]
    public ConnectionPlace? Connection { get; init; }
}

/// <param name="Name">Any name, unlike that of every other connection of the attempt.</param>
/// <param name="FirstLine">Number (from 0, within the connection) of the first line.</param>
[GenerateSerializer, Immutable, Alias("osmo.ConnectionPlace")]
public sealed record ConnectionPlace(string Name, long FirstLine);

/// <param name="Sequence">Sequence of the newest chunk; 0 when there is none.</param>
/// <param name="Ended">The archive is there; what follows is late.</param>
[GenerateSerializer, Immutable, Alias("osmo.LogPosition")]
public sealed record LogPosition(long Sequence, bool Ended)
{
    /// <summary>Sequence of the oldest chunk that is kept.</summary>
    [Id(0)]
    public long First { get; init; } = 1;
}

[GenerateSerializer, Immutable, Alias("osmo.AttemptKey")]
public sealed record AttemptKey(string Task, int RetryId);

/// <param name="Closing">Text appended to the workflow's log, for a failed workflow; empty otherwise.</param>
/// <param name="Attempts">All attempts; each gets its file.</param>
/// <param name="WithErrors">Attempts whose error log is kept.</param>
[GenerateSerializer, Immutable, Alias("osmo.LogArchive")]
public sealed record LogArchive(string WorkflowId, string Closing, ImmutableArray<AttemptKey> Attempts, ImmutableArray<AttemptKey> WithErrors);
