using System.Diagnostics.Metrics;
using System.Text;
using Osmo.Hosting.Metrics;

namespace Osmo.Hosting.Tests;

public sealed class MetricsPageTests : IDisposable
{
    private readonly MetricsPage _page = new();
    private readonly Meter _meter = new($"Osmo.{nameof(MetricsPageTests)}");

    public void Dispose()
    {
        _meter.Dispose();
        _page.Dispose();
    }

    [Fact]
    public async Task Counter_IsATotalByItsTags()
    {
        var lines = _meter.CreateCounter<long>("osmo.test.lines", "{line}", "Lines\nof tests.");
        lines.Add(2, new("pool", "a"), new KeyValuePair<string, object?>("by", "\"me\""));
        lines.Add(3, new("by", "\"me\""), new KeyValuePair<string, object?>("pool", "a"));
        lines.Add(1);

        Assert.Equal(
            ["# HELP osmo_test_lines_total Lines of tests.", "# TYPE osmo_test_lines_total counter", "osmo_test_lines_total 1", """osmo_test_lines_total{by="\"me\"",pool="a"} 5"""],
            await Lines("osmo_test_lines"));
    }

    [Fact]
    public async Task UpDownCounter_IsALevel()
    {
        var open = _meter.CreateUpDownCounter<int>("osmo.test.open");
        open.Add(2);
        open.Add(-1);

        Assert.Equal(["# TYPE osmo_test_open gauge", "osmo_test_open 1"], await Lines("osmo_test_open"));
    }

    [Fact]
    public async Task ObservableGauge_IsAskedEachTime()
    {
        var level = 0.5;
        _meter.CreateObservableGauge("osmo.test.lag", () => level, "s");

        Assert.Contains("osmo_test_lag_seconds 0.5", await Lines("osmo_test_lag"));
        level = 2;
        Assert.Contains("osmo_test_lag_seconds 2", await Lines("osmo_test_lag"));
    }

    [Fact]
    public async Task Histogram_HasCumulativeBucketsSumAndCount()
    {
        var durations = _meter.CreateHistogram<double>("osmo.test.duration", "s");
        durations.Record(0.003);
        durations.Record(0.2);
        durations.Record(5000);

        var lines = await Lines("osmo_test_duration");

        Assert.Contains("""osmo_test_duration_seconds_bucket{le="0.0025"} 0""", lines);
        Assert.Contains("""osmo_test_duration_seconds_bucket{le="0.005"} 1""", lines);
        Assert.Contains("""osmo_test_duration_seconds_bucket{le="1000"} 2""", lines);
        Assert.Contains("""osmo_test_duration_seconds_bucket{le="+Inf"} 3""", lines);
        Assert.Contains("osmo_test_duration_seconds_sum 5000.203", lines);
        Assert.Contains("osmo_test_duration_seconds_count 3", lines);
    }

    [Fact]
    public async Task Series_BeyondTheLimit_AreCountedTogether()
    {
        var counter = _meter.CreateCounter<int>("osmo.test.many");
        for (var user = 0; user < 700; user++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("user", user));
        }

        var lines = await Lines("osmo_test_many");

        Assert.Equal(502, lines.Count);
        Assert.Contains("osmo_test_many_total 200", lines);
    }

    private async Task<List<string>> Lines(string name)
    {
        using var written = new MemoryStream();
        await _page.Write(written, default);
        return [.. Encoding.UTF8.GetString(written.ToArray()).Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal))];
    }
}
