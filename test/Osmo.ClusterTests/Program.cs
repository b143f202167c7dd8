using Osmo.ClusterTests.Harness;

namespace Osmo.ClusterTests;

/// <summary>These tests as a command: a cluster under load and under fire, for as long as one likes.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            var options = HarnessOptions.Parse(args);
            if (options.Command != HarnessCommandKind.Faults || !options.Kinds.Contains(FaultKind.Partition) || Isolation.IsInside)
            {
                return await HarnessRun.Start(options, Console.Out);
            }

            var outside = options.Objects is { } objects && !objects.StartsWith("file:", StringComparison.Ordinal) ? "objects are outside" : null;
            if ((outside ?? await Isolation.Obstacle()) is not { } obstacle)
            {
                return await Isolation.Run(args);
            }

            if (options.Kinds is [FaultKind.Partition])
            {
                throw new FormatException($"--kinds has only partitions, but the run cannot have a network of its own: {obstacle}");
            }

            await Console.Out.WriteLineAsync($"Without partitions, since the run cannot have a network of its own: {obstacle}");
            return await HarnessRun.Start(options with { Kinds = options.Kinds.Remove(FaultKind.Partition) }, Console.Out);
        }
        catch (FormatException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
    }
}
