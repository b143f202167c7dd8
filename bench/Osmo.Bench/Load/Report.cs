using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Bench.Load;

/// <summary>One figure of a report. What was not measured is null.</summary>
/// <param name="Ratio">To the raw limit that <paramref name="RatioTo"/> names.</param>
/// <param name="LoadAverage">Of the machine in the minute before: other work makes every number worse.</param>
internal sealed record Figure(
    string Database, string What, double? PerSecond, double? P50Milliseconds, double? P99Milliseconds, double? ServerCpuMilliseconds, double? Megabytes, double? Ratio, string? RatioTo,
    string LoadAverage);

/// <summary>Figures as a table on stdout, each as soon as it is known, and at the end in a file.</summary>
internal sealed class Report
{
    private const string LoadFile = "/proc/loadavg";

    private readonly List<Figure> _figures = [];

    public static Option<FileInfo?> JsonOption() => new("--json") { Description = "A file to write all figures to." };

    public Report() => Console.WriteLine($"{"database",-9} {"what",-40} {"per second",11} {"p50 ms",9} {"p99 ms",9} {"cpu ms",7} {"MiB",8} {"ratio",7} to");

    public void Add(string database, string what, Measured measured, double? ratio = null, string? ratioTo = null) =>
        Add(new(database, what, measured.PerSecond, measured.P50, measured.P99, measured.ServerCpu, null, ratio, ratioTo, Load()));

    public void Add(string database, string what, Latencies latencies, double rate, double cpu, double ratio, string ratioTo) =>
        Add(new(database, what, rate, latencies.Percentile(0.5), latencies.Percentile(0.99), cpu, null, ratio, ratioTo, Load()));

    public void AddMemory(string database, string what, double bytes) => Add(new(database, what, null, null, null, null, bytes / (1 << 20), null, null, Load()));

    public async Task Write(FileInfo? json)
    {
        Console.WriteLine($"load average {Load()} on {Environment.ProcessorCount} cores");
        if (json is not null) await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(_figures, ReportJson.Default.ListFigure));
    }

    private static string Load() => File.Exists(LoadFile) ? File.ReadAllText(LoadFile).Split(' ')[0] : "unknown";

    private void Add(Figure figure)
    {
        _figures.Add(figure);
        Console.WriteLine(
            $"{figure.Database,-9} {figure.What,-40} {Text(figure.PerSecond, "N0"),11} {Text(figure.P50Milliseconds, "N2"),9} {Text(figure.P99Milliseconds, "N2"),9} "
            + $"{Text(figure.ServerCpuMilliseconds, "N2"),7} {Text(figure.Megabytes, "N3"),8} {Text(figure.Ratio, "N2"),7} {figure.RatioTo}");
    }

    private static string Text(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(List<Figure>))]
internal sealed partial class ReportJson : JsonSerializerContext;
