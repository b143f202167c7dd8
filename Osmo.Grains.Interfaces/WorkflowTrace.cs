using System.Diagnostics;

namespace Osmo.Grains.Interfaces;

/// <summary>
/// What happens to a workflow, as one trace whose id is the workflow's uuid: whichever process does something for it, before or after a restart, knows the trace without having been told.
/// Each span links to what caused it: the request, or the connection of the operator. Nobody listens: it costs a comparison.
/// </summary>
public static class WorkflowTrace
{
    /// <summary>Of the spans made here; the calls of grains below them are Orleans' own.</summary>
    public const string SourceName = "Osmo";

    private const int UuidDigits = 32;

    private const int SpanIdDigits = 16;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a span, which ends when it is disposed; null when nobody listens.</summary>
    /// <param name="uuid">Of the workflow.</param>
    public static Activity? Start(string uuid, string name) => Source.HasListeners() ? Begin(uuid, name, default) : null;

    /// <summary>The span of the whole workflow, told at its end.</summary>
    /// <param name="status">In which it ended.</param>
    public static void End(string uuid, DateTime submitted, DateTime ended, string status, bool isFailure)
    {
        if (!Source.HasListeners())
        {
            return;
        }

        using var span = Begin(uuid, "workflow", new DateTimeOffset(submitted, TimeSpan.Zero));
        span?.SetTag("osmo.workflow.status", status).SetStatus(isFailure ? ActivityStatusCode.Error : ActivityStatusCode.Ok).SetEndTime(ended);
    }

    private static Activity? Begin(string uuid, string name, DateTimeOffset start)
    {
        if (uuid.Length != UuidDigits || !uuid.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        var workflow = new ActivityContext(
            ActivityTraceId.CreateFromString(uuid), ActivitySpanId.CreateFromString(uuid.AsSpan(0, SpanIdDigits)), ActivityTraceFlags.Recorded);
        ActivityLink[] causes = Activity.Current is { } cause ? [new(cause.Context)] : [];
        return Source.StartActivity(name, ActivityKind.Internal, workflow, [new("osmo.workflow.uuid", uuid)], causes, start);
    }
}
