using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Osmo.EndToEnd.Tests;

/// <summary>How far a reader of a log is behind the task that writes it.</summary>
[Collection(Lanes.First)]
public sealed partial class LiveTailTests(ITestOutputHelper output) : IDisposable
{
    private const int Lines = 21;

    /// <summary>100 ms is the aim. A machine that is busy otherwise delays some lines for as long as it likes, and hardly ever all of them.</summary>
    private static readonly TimeSpan BestMax = TimeSpan.FromSeconds(1);

    private readonly DataDirectory _data = new();

    /// <summary>The task writes a line only when the one before it has been read.</summary>
    [Fact]
    public async Task Logs_OfARunningTask_ArriveAtOnce()
    {
        var seen = Directory.CreateDirectory(Path.Combine(_data.Path, "seen")).FullName;
        await using var server = await Server.Start(_data);
        using var ann = server.User("ann");
        var id = await ann.Submit(Specs.Script("ticks", $"for i in $(seq {Lines}); do echo at $(date +%s%3N); until [ -e {seen}/$i ]; do sleep 0.05; done; done"));

        var delays = new List<double>();
        await foreach (var line in ann.Lines($"/api/workflow/{id}/logs"))
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            if (WrittenAt().Match(line) is { Success: true } match)
            {
                delays.Add(now - long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
                await File.WriteAllTextAsync(Path.Combine(seen, $"{delays.Count}"), "");
            }
        }

        Assert.Equal(Lines, delays.Count);
        var first = delays[0];
        delays.Sort();
        output.WriteLine($"median {delays[Lines / 2]} ms, first {first} ms, worst {delays[^1]} ms");
        Assert.True(delays[0] < BestMax.TotalMilliseconds, $"The shortest delay is {delays[0]} ms: {string.Join(' ', delays)}");
    }

    public void Dispose() => _data.Dispose();

    [GeneratedRegex(@"\] at (\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex WrittenAt();
}
