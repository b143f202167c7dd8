namespace Osmo.Protocol.Runtime;

/// <summary>The names of streams and metrics on the wire, in one place.</summary>
public static class WireNames
{
    public const string LogDone = "LOG_DONE";
    public const string Metrics = "METRICS";
    public const string Barrier = "BARRIER";
    public const string GroupMetrics = "group_metrics";
    public const string TaskIoMetrics = "task_io_metrics";

    /// <summary>All values IOType may have, for messages to people.</summary>
    public const string AllowedIoTypes = "STDOUT, STDERR, OSMO_CTRL, DOWNLOAD, UPLOAD, LOG_DONE, METRICS, BARRIER";

    public static string Of(LogStream stream) => stream switch
    {
        LogStream.Stdout => "STDOUT",
        LogStream.Stderr => "STDERR",
        LogStream.OsmoCtrl => "OSMO_CTRL",
        LogStream.Download => "DOWNLOAD",
        LogStream.Upload => "UPLOAD",
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "Not a log stream."),
    };

    public static string Of(GroupMetric metric) => metric switch
    {
        GroupMetric.InputDownload => "input_download",
        GroupMetric.OutputUpload => "output_upload",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "Not a group metric."),
    };

    internal static LogStream? ParseStream(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("STDOUT"u8) => LogStream.Stdout,
        _ when name.SequenceEqual("STDERR"u8) => LogStream.Stderr,
        _ when name.SequenceEqual("OSMO_CTRL"u8) => LogStream.OsmoCtrl,
        _ when name.SequenceEqual("DOWNLOAD"u8) => LogStream.Download,
        _ when name.SequenceEqual("UPLOAD"u8) => LogStream.Upload,
        _ => null,
    };

    internal static GroupMetric? ParseGroupMetric(string name) => name switch
    {
        "input_download" => GroupMetric.InputDownload,
        "output_upload" => GroupMetric.OutputUpload,
        _ => null,
    };
}
