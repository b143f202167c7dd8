namespace Osmo.Protocol.Runtime;

/// <summary>
/// Which stream a log line belongs to. Wire names: STDOUT, STDERR, OSMO_CTRL, DOWNLOAD, UPLOAD (contract: runtime-protocol §7.3).
/// </summary>
public enum LogStream
{
    Stdout = 1,
    Stderr,
    OsmoCtrl,
    Download,
    Upload,
}

/// <summary>The phase a <see cref="CtrlMessage.GroupMetrics"/> times. Wire names: input_download, output_upload.</summary>
public enum GroupMetric
{
    InputDownload = 1,
    OutputUpload,
}

/// <summary>What a task's runtime tells the control plane over the logger WebSocket (contract: runtime-protocol §7.3, §20).</summary>
/// <remarks>Times are UTC. The wire allows nanoseconds; what is finer than 100 ns is dropped.</remarks>
public abstract record CtrlMessage
{
    private CtrlMessage()
    {
    }

    /// <summary>One line of text, without its line end. Only these messages have line numbers (see <see cref="LoggerProtocol"/>).</summary>
    /// <param name="Stream">Where the line came from.</param>
    /// <param name="Source">The task's name.</param>
    /// <param name="Time">When the runtime read the line.</param>
    /// <param name="Text">The line; texts of the runtime itself may hold several lines.</param>
    public sealed record Line(LogStream Stream, string Source, DateTimeOffset Time, string Text) : CtrlMessage;

    /// <summary>
    /// Everything was sent. Repeated until answered with <see cref="RuntimeAction.LogDone"/>; every one is to be answered.
    /// </summary>
    public sealed record LogDone(string Source, DateTimeOffset Time) : CtrlMessage;

    /// <summary>The task waits at a barrier of its group. Repeated until released (contract: runtime-protocol §8).</summary>
    /// <param name="Name">The barrier; upstream knows only <c>osmo-group-ready</c>.</param>
    /// <param name="Count">Members to wait for; zero or less means all unfinished tasks of the group.</param>
    public sealed record Barrier(string Name, int Count) : CtrlMessage;

    /// <summary>Start and end of the download of all inputs, or of the upload of all outputs.</summary>
    public sealed record GroupMetrics(
        string Source, DateTimeOffset Time, string RetryId, GroupMetric Metric, DateTimeOffset StartTime, DateTimeOffset EndTime)
        : CtrlMessage;

    /// <summary>One transfer of data.</summary>
    /// <param name="Url">The location outside the pod; empty for rsync.</param>
    /// <param name="Type"><c>INPUT</c>, <c>OUTPUT</c>, <c>RSYNC_INPUT</c> or <c>RSYNC_OUTPUT</c>.</param>
    /// <param name="OperationType"><c>Url</c> or empty.</param>
    /// <param name="DownloadType"><c>download</c> or <c>N/A</c>.</param>
    public sealed record TaskIoMetrics(
        string Source,
        DateTimeOffset Time,
        string RetryId,
        string GroupName,
        string TaskName,
        string Url,
        string Type,
        DateTimeOffset StartTime,
        DateTimeOffset EndTime,
        long SizeInBytes,
        long NumberOfFiles,
        string OperationType,
        string DownloadType) : CtrlMessage;
}
