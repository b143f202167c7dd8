using System.Collections.Concurrent;
using System.Diagnostics;
using Osmo.Grains.Interfaces;

namespace Osmo.Hosting.Tests.Telemetry;

/// <summary>Whatever is done for a workflow, by whichever process, is in the trace whose id is its uuid.</summary>
[Collection(TraceTests.Name)]
public sealed class WorkflowTraceTests
{
    private const string Uuid = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public void Start_IsInTheWorkflowsTrace_AndLinksToItsCause()
    {
        using var listener = Listen(out var ended);
        using var request = new Activity("POST").Start();
        using (WorkflowTrace.Start(Uuid, "submit"))
        {
            Assert.Equal(Uuid, Activity.Current!.TraceId.ToHexString());
        }

        Assert.Same(request, Activity.Current);
        var span = Assert.Single(ended, span => span.TraceId.ToHexString() == Uuid);
        Assert.Equal(request.SpanId, Assert.Single(span.Links).Context.SpanId);
        Assert.Equal(Uuid, span.GetTagItem("osmo.workflow.uuid"));
    }

    [Fact]
    public void End_TellsTheWholeWorkflow()
    {
        using var listener = Listen(out var ended);
        var submitted = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        WorkflowTrace.End(Uuid, submitted, submitted.AddMinutes(5), "Failed", isFailure: true);

        var span = Assert.Single(ended, span => span.TraceId.ToHexString() == Uuid);
        Assert.Equal((submitted, TimeSpan.FromMinutes(5), ActivityStatusCode.Error), (span.StartTimeUtc, span.Duration, span.Status));
    }

    [Fact]
    public void Start_NobodyListens_IsNothing() => Assert.Null(WorkflowTrace.Start(Uuid, "submit"));

    private static ActivityListener Listen(out ConcurrentQueue<Activity> ended)
    {
        var spans = ended = new ConcurrentQueue<Activity>();
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkflowTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
