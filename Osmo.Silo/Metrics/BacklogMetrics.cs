using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.Storage.Queries;

namespace Osmo.Silo.Metrics;

/// <summary>
/// Measures what the whole cluster has still to do, by asking the database: so it is right whichever silos live, and every silo says the same.
/// </summary>
internal sealed partial class BacklogMetrics : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly IBacklogQuery _query;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Osmo.Cluster");

    /// <summary>Backends that had jobs once are shown with none, rather than not at all.</summary>
    private readonly HashSet<string> _backends = new(StringComparer.Ordinal);

    private IReadOnlyList<Measurement<long>> _jobs = [];
    private double _lag;

    public BacklogMetrics(IBacklogQuery query, TimeProvider time, ILogger<BacklogMetrics> logger)
    {
        (_query, _time, _logger) = (query, time, logger);
        _meter.CreateObservableGauge("osmo.cluster.open.jobs", () => _jobs, "{job}", "Jobs that operators have still to do, by backend; the same on every silo.");
        _meter.CreateObservableGauge("osmo.cluster.wake.lag", () => _lag, "s", "For how long the oldest deadline has passed unnoticed; the same on every silo.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Measure(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // What cannot be measured now is measured later; the readiness says what is wrong with the database.
                LogNotMeasured(error);
            }
        }
    }

    private async Task Measure(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var backlog = await _query.Read(now, cancellation);
        _backends.UnionWith(backlog.Jobs.Keys);
        _jobs = [.. _backends.Select(backend =>
            new Measurement<long>(backlog.Jobs.GetValueOrDefault(backend), new KeyValuePair<string, object?>("backend", backend)))];
        _lag = backlog.DueSince is { } since ? (now - since).TotalSeconds : 0;
    }

    [LoggerMessage(1, LogLevel.Warning, "The backlog cannot be measured.")]
    private partial void LogNotMeasured(Exception error);
}
