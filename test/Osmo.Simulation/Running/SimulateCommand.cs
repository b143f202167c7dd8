using System.CommandLine;
using Osmo.Simulation.Breaks;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Storage;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Running;

/// <summary>The command line: many seeds, or one seed with everything it does.</summary>
internal static class SimulateCommand
{
    private static readonly Option<int> Seeds = new("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 100 };
    private static readonly Option<int> First = new("--first") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Faults = new("--faults") { Description = "all, none, or some of crash,storage,messages,cluster,users,neighbour.", DefaultValueFactory = _ => "all" };
    private static readonly Option<int> Threads = new("--threads") { Description = "How many seeds to run at the same time.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<string?> Break = new("--break") { Description = $"Break something on purpose: {string.Join(", ", AllBreaks.ByName.Keys)}." };
    private static readonly Option<bool> Trace = new("--trace") { Description = "Print every change of the rows of the first seed, and run no other." };

    public static RootCommand Create()
    {
        var command = new RootCommand("Runs Osmo's grains and storage in a simulated world, with faults, and checks what must always hold.") 
        {
            Seeds, First, Faults, Threads, Break, Trace,
        };
        command.SetAction(parsed => Run(parsed));
        command.Subcommands.Add(TimersCommand.Create());
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var faults = FaultSet.Parse(parsed.GetValue(Faults)!);
        var first = parsed.GetValue(First);
        var broken = parsed.GetValue(Break);
        var seams = AllBreaks.Find(broken);
        if (parsed.GetValue(Trace)) return TraceOne(first, faults, seams?.Invoke());

        var result = new SeedRange(first, parsed.GetValue(Seeds), faults, seams)
        {
            Threads = parsed.GetValue(Threads),
            FailuresMax = seams is null ? SeedRange.ManyFailures : 1,
            OnProgress = (seeds, lives) => Console.Error.WriteLine($"{seeds} seeds, {lives} lives"),
        }.Run();
        Report(result, broken is null ? $"--faults {faults}" : $"--faults {faults} --break {broken}");
        return result.Failures.Count == 0 ? 0 : 1;
    }

    private static void Report(RangeResult result, string options)
    {
        foreach (var failure in result.Failures)
        {
            Console.WriteLine($"seed {failure.Seed} (trace {failure.TraceHash:x16}):");
            foreach (var violation in failure.Violations.Take(5)) Console.WriteLine($"  {violation}");
            Console.WriteLine($"  replay: dotnet run --project test/Osmo.Simulation -- {options} --first {failure.Seed} --seeds 1");
        }

        Console.WriteLine(
            $"{result.Seeds} seeds, {result.Lives} lives, {result.Crashes} crashes, {result.Steps} steps, {result.VirtualTime.TotalDays:F1} days in {result.Elapsed.TotalSeconds:F0} s "
            + $"({result.Lives / result.Elapsed.TotalSeconds:F0} lives/s); {result.Failures.Count} seeds failed");
    }

    private static int TraceOne(int seed, FaultSet faults, Seams? seams)
    {
        using var disk = new Disk();
        using var world = new SimulatedWorld(seed, faults, disk, seams);
        RowTrace.Print(disk.Rows, Console.Out);
        var result = world.Run();
        foreach (var violation in result.Violations) Console.WriteLine(violation);
        Console.WriteLine($"seed {seed}: {result.Lives} lives, {result.Crashes} crashes, {result.Steps} steps, trace {result.TraceHash:x16}");
        return result.Violations.Count == 0 ? 0 : 1;
    }
}
