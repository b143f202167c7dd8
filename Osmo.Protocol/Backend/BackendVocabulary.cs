using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

/// <summary>What an operator can say about a pod: a subset of the task statuses (contract: backend-protocol §9.2).</summary>
[JsonConverter(typeof(UpperSnakeEnumConverter<PodStatus>))]
public enum PodStatus
{
    Scheduling = 1,
    Initializing,
    Running,
    Completed,
    Failed,
    FailedBackendError,
    FailedImagePull,
    FailedEvicted,
    FailedStartError,
    FailedPreempted,
}

/// <summary>How a backend job ended (contract: backend-protocol §7).</summary>
[JsonConverter(typeof(UpperSnakeEnumConverter<JobOutcome>))]
public enum JobOutcome
{
    Success = 1,
    FailedRetry,
    FailedNoRetry,
}

/// <summary>Severity of a <see cref="BackendMessage.Logging"/>; a number on the wire.</summary>
public enum LoggingLevel
{
    Debug = 10,
    Info = 20,
    Warning = 30,
    Error = 40,
}

/// <summary>Enum members as <c>UPPER_SNAKE</c> text; numbers are refused.</summary>
public sealed class UpperSnakeEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Fixed numbers of the protocol (contract: backend-protocol §2, §5, §19).</summary>
public static class BackendLimits
{
    /// <summary>Largest frame a listener accepts.</summary>
    public const int ListenerFrameBytesMax = 1 << 20;

    /// <summary>Largest frame a worker or the control plane accepts; for jobs the compressed size.</summary>
    public const int FrameBytesMax = 16 << 20;

    /// <summary>Largest job document after decompression; more is hostile.</summary>
    public const int JobDocumentBytesMax = 256 << 20;

    /// <summary>Messages of one stream that may wait for their acknowledgement.</summary>
    public const int UnackedMessagesMax = 100;

    /// <summary>Connections of one worker on which our control plane hands out jobs (see <see cref="WorkerFrame.ParallelJobsHeader"/>); the contract knows one.</summary>
    public const int ParallelJobsMax = 32;

    public static readonly TimeSpan ListenerHeartbeatPeriod = TimeSpan.FromSeconds(20);

    public static readonly TimeSpan WorkerHeartbeatPeriod = TimeSpan.FromSeconds(60);
}
