using System.Text.Json.Nodes;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>Tests write jobs as they travel.</summary>
internal static class JobTexts
{
    public static Task<JobResult> ExecuteAsync(this JobExecutor executor, JsonObject document, JobOutput output, CancellationToken cancellation) =>
        executor.ExecuteAsync(Assert.IsType<ReadJob.Accepted>(BackendJobReader.Read(document)).Job, output, cancellation);
}
