using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Osmo.EndToEnd.Tests;

/// <summary>How far a reader of a log is behind the task that writes it.</summary>
[Collection(Lanes.First)]
public sealed partial class LiveTailTests(ITestOutputHelper output) : IDisposable
{
    private const int Lines = 21;

    /// <summary>100 ms is the aim; a machine that is busy otherwise gets the rest.</summary>
    private static readonly TimeSpan MedianMax = TimeSpan.FromSeconds(1);

    private readonly DataDirectory _data = new();

    [Fact]
    public async Task Logs_OfARunningTask_ArriveAtOnce()
    {
        await using var server = await Server.Start(_data);
        using var ann = server.User("ann");
        var id = await ann.Submit(Specs.Script("ticks", $"for i in $(seq {Lines}); do echo at $(date +%s%3N); sleep 0.1; done"));

        var delays = new List<double>();
        await foreach (var line in ann.Lines($"/api/workflow/{id}/logs"))
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            if (WrittenAt().Match(line) is { Success: true } match)
            {
                delays.Add(now - long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal(Lines, delays.Count);
        var first = delays[0];
        delays.Sort();
        output.WriteLine($"median {delays[Lines / 2]} ms, first {first} ms, worst {delays[^1]} ms");
        Assert.True(delays[Lines / 2] < MedianMax.TotalMilliseconds, $"Median delay is {delays[Lines / 2]} ms: {string.Join(' ', delays)}");
    }

    public void Dispose() => _data.Dispose();

    [GeneratedRegex(@"\] at (\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex WrittenAt();
}
