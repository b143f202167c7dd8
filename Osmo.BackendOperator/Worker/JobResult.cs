using Osmo.BackendOperator.Cluster;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>How a job ended (contract: backend-protocol §7).</summary>
internal sealed record JobResult(JobOutcome Outcome, string? Message = null)
{
    public static readonly JobResult Success = new(JobOutcome.Success);

    public static JobResult Retry(string message) => new(JobOutcome.FailedRetry, message);

    public static JobResult Fail(string message) => new(JobOutcome.FailedNoRetry, message);

    public static JobResult Of(ApiError error) => error.IsTransient ? Retry(error.Message) : Fail(error.Message);
}

/// <summary>Sends what a job has to say before its result; throws when the connection is gone, which ends the job.</summary>
internal delegate Task JobOutput(BackendMessage message, CancellationToken cancellation);

/// <summary>Bounds of the work that one job does at the same time.</summary>
internal static class JobLimits
{
    /// <summary>API requests in flight.</summary>
    public const int RequestsMax = 8;
}
